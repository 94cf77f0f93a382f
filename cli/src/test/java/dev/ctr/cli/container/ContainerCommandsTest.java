package dev.ctr.cli.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ctr.cli.CommandRun;
import dev.ctr.lifecycle.network.PortMapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers that are created and never started, so that neither a runtime nor a network is needed. */
class ContainerCommandsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private String rootfs = "";

    @BeforeEach
    void makeARootFileSystem() throws IOException {
        Assumptions.assumeTrue(
                Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")),
                "the store belongs to root");
        rootfs = Files.createDirectories(directory.resolve("rootfs")).toString();
    }

    @Test
    void createPrintsTheIdAndPsShowsTheContainer() {
        String id = create("--name", "web", "--label", "tier=front", "--network", "none")
                .strip();

        assertThat(id).matches("[0-9a-f]{64}");
        assertThat(ctr("ps").out().lines()).hasSize(1);
        assertThat(ctr("ps", "-a").out().lines())
                .hasSize(2)
                .first(org.assertj.core.api.InstanceOfAssertFactories.STRING)
                .matches("CONTAINER ID  IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES");
        assertThat(ctr("ps", "-aq").out()).isEqualTo(id.substring(0, 12) + "\n");
        assertThat(ctr("ps", "-aq", "--no-trunc").out()).isEqualTo(id + "\n");
        assertThat(ctr("ps", "-a", "--format", "{{.ID}} {{.Names}} {{.Status}} {{.Labels.tier}} {{.Command}}")
                        .out())
                .isEqualTo(id.substring(0, 12) + " web Created front sh\n");
    }

    @Test
    void psAsJsonHasPodmansKeys() throws IOException {
        create("--name", "web", "-p", "127.0.0.1:8080-8081:80-81/udp", "--rm");

        JsonNode row = JSON.readTree(ctr("ps", "-a", "--format", "json").out()).get(0);

        List<String> keys = new ArrayList<>();
        row.fieldNames().forEachRemaining(keys::add);
        assertThat(keys)
                .containsExactly(
                        "AutoRemove",
                        "Command",
                        "CreatedAt",
                        "Exited",
                        "ExitedAt",
                        "ExitCode",
                        "Id",
                        "Image",
                        "ImageID",
                        "IsInfra",
                        "Labels",
                        "Mounts",
                        "Names",
                        "Namespaces",
                        "Networks",
                        "Pid",
                        "Pod",
                        "PodName",
                        "Ports",
                        "Size",
                        "StartedAt",
                        "State",
                        "Status",
                        "Created");
        assertThat(row.path("AutoRemove").asBoolean()).isTrue();
        assertThat(row.path("Names").path(0).asText()).isEqualTo("web");
        assertThat(row.path("State").asText()).isEqualTo("created");
        assertThat(row.path("ExitedAt").asLong()).isEqualTo(-62135596800L);
        assertThat(row.path("Ports").toString())
                .isEqualTo("[{\"host_ip\":\"127.0.0.1\",\"container_port\":80,\"host_port\":8080,\"range\":2,"
                        + "\"protocol\":\"udp\"}]");
    }

    @Test
    void psFiltersSortsAndLimits() {
        create("--name", "b", "--label", "tier=front", "--label", "x=1");
        create("--name", "a", "--label", "tier=back");
        create("--name", "c", "-v", "data:/data");

        assertThat(names("--filter", "label=tier")).containsExactly("b", "a");
        assertThat(names("--filter", "label=tier=back")).containsExactly("a");
        assertThat(names("--filter", "label=tier", "--filter", "label=x")).containsExactly("b");
        assertThat(names("--filter", "label!=tier")).containsExactly("c");
        assertThat(names("--filter", "name=a", "--filter", "name=^c$")).containsExactly("a", "c");
        assertThat(names("--filter", "name=a,status=exited")).isEmpty();
        assertThat(names("--filter", "status=created")).containsExactly("b", "a", "c");
        assertThat(names("--filter", "volume=data")).containsExactly("c");
        assertThat(names("--filter", "volume=/data")).containsExactly("c");
        assertThat(names("--filter", "since=b")).containsExactly("a", "c");
        assertThat(names("--filter", "before=c")).containsExactly("b", "a");
        assertThat(names("--sort", "names")).containsExactly("a", "b", "c");
        assertThat(names("-n", "2")).containsExactly("a", "c");
        assertThat(names("-l")).containsExactly("c");
        assertThat(ctr("ps", "--filter", "status=sleeping").err())
                .isEqualTo("Error: unknown container state: sleeping\n");
    }

    @Test
    void everyFlagOfCreateReachesTheContainer() throws IOException {
        Path labels = Files.writeString(directory.resolve("labels"), "from=file\n");
        Path variables = Files.writeString(directory.resolve("variables"), "FILE=1\n");
        Path idFile = directory.resolve("id");

        String id = create(
                        "-it",
                        "--rm=false",
                        "--name=web",
                        "-eA=1",
                        "--env",
                        "B=2",
                        "--env-file",
                        variables.toString(),
                        "-l",
                        "k=v",
                        "--label-file",
                        labels.toString(),
                        "--annotation",
                        "note=yes",
                        "-v",
                        "data:/data:ro",
                        "--mount",
                        "type=bind,src=" + directory + ",dst=/mnt",
                        "--tmpfs",
                        "/tmp:size=1m",
                        "-p",
                        "8080:80",
                        "--publish",
                        "53/udp",
                        "--ip",
                        "10.88.0.77",
                        "--mac-address",
                        "02:00:00:00:00:07",
                        "--dns",
                        "10.0.0.1,10.0.0.2",
                        "--dns-search",
                        "example.org",
                        "--dns-option",
                        "ndots:1",
                        "--add-host",
                        "db:10.0.0.9",
                        "-h",
                        "webhost",
                        "-u",
                        "0:0",
                        "-w",
                        "/srv",
                        "--entrypoint",
                        "[\"/bin/sh\",\"-c\"]",
                        "--restart",
                        "on-failure:3",
                        "--stop-signal",
                        "INT",
                        "--stop-timeout",
                        "7",
                        "--shm-size",
                        "1m",
                        "--read-only",
                        "--cap-add",
                        "NET_ADMIN",
                        "--cap-drop",
                        "MKNOD,CHOWN",
                        "-m",
                        "64m",
                        "--cpus",
                        "1.5",
                        "--pids-limit",
                        "99",
                        "--log-driver",
                        "json-file",
                        "--cidfile",
                        idFile.toString(),
                        "--conmon-pidfile",
                        directory.resolve("conmon.pid").toString(),
                        "--pidfile",
                        directory.resolve("pid").toString())
                .strip();

        assertThat(Files.readString(idFile)).isEqualTo(id);
        JsonNode inspected = JSON.readTree(ctr("inspect", "web").out()).get(0);
        assertThat(inspected.at("/Config/Env").toString()).contains("\"A=1\"", "\"B=2\"", "\"FILE=1\"", "TERM=");
        assertThat(inspected.at("/Config/Labels").toString()).contains("\"k\":\"v\"", "\"from\":\"file\"");
        assertThat(inspected.at("/Config/Annotations/note").asText()).isEqualTo("yes");
        assertThat(inspected.at("/Config/Hostname").asText()).isEqualTo("webhost");
        assertThat(inspected.at("/Config/WorkingDir").asText()).isEqualTo("/srv");
        assertThat(inspected.at("/Config/User").asText()).isEqualTo("0:0");
        assertThat(inspected.at("/Config/StopSignal").asInt()).isEqualTo(2);
        assertThat(inspected.at("/Config/StopTimeout").asInt()).isEqualTo(7);
        assertThat(inspected.at("/Config/Tty").asBoolean()).isTrue();
        assertThat(inspected.at("/Config/OpenStdin").asBoolean()).isTrue();
        assertThat(inspected.at("/Path").asText()).isEqualTo("/bin/sh");
        assertThat(inspected.at("/Args").toString()).isEqualTo("[\"-c\",\"sh\"]");
        assertThat(inspected.at("/HostConfig/Memory").asLong()).isEqualTo(64 << 20);
        assertThat(inspected.at("/HostConfig/ShmSize").asLong()).isEqualTo(1 << 20);
        assertThat(inspected.at("/HostConfig/PidsLimit").asLong()).isEqualTo(99);
        assertThat(inspected.at("/HostConfig/NanoCpus").asLong()).isEqualTo(1_500_000_000);
        assertThat(inspected.at("/HostConfig/ReadonlyRootfs").asBoolean()).isTrue();
        assertThat(inspected.at("/HostConfig/RestartPolicy").toString()).contains("on-failure", "3");
        assertThat(inspected.at("/HostConfig/Dns").toString()).isEqualTo("[\"10.0.0.1\",\"10.0.0.2\"]");
        assertThat(inspected.at("/HostConfig/DnsSearch").toString()).isEqualTo("[\"example.org\"]");
        assertThat(inspected.at("/HostConfig/DnsOptions").toString()).isEqualTo("[\"ndots:1\"]");
        assertThat(inspected.at("/HostConfig/ExtraHosts").toString()).isEqualTo("[\"db:10.0.0.9\"]");
        assertThat(inspected.at("/HostConfig/PortBindings").toString()).contains("80/tcp", "8080", "53/udp");
        assertThat(inspected.at("/HostConfig/LogConfig/Type").asText()).isEqualTo("json-file");
        assertThat(inspected.at("/EffectiveCaps").toString())
                .contains("CAP_NET_ADMIN")
                .doesNotContain("CAP_MKNOD", "CAP_CHOWN");
        assertThat(inspected.at("/Mounts").toString()).contains("/data", "/mnt");
        assertThat(inspected.at("/Config/CreateCommand").toString()).startsWith("[\"ctr\",\"--root\"");
    }

    @Test
    void anIdFileIsNotOverwrittenAndNothingIsCreated() throws IOException {
        Path idFile = Files.writeString(directory.resolve("id"), "other");

        CommandRun run = ctr("create", "--cidfile", idFile.toString(), "--rootfs", rootfs, "sh");

        assertThat(run.exitCode()).isEqualTo(125);
        assertThat(run.err())
                .isEqualTo("Error: container ID file exists. Ensure another container is not using it or delete "
                        + idFile + "\n");
        assertThat(idFile).hasContent("other");
        assertThat(ctr("ps", "-aq").out()).isEmpty();
    }

    @Test
    void replaceTakesThePlaceOfTheOldContainer() {
        String first = create("--name", "web");
        CommandRun taken = ctr("create", "--name", "web", "--rootfs", rootfs, "sh");
        String second = create("--name", "web", "--replace");

        assertThat(taken.exitCode()).isEqualTo(125);
        assertThat(taken.err()).contains("\"web\" is already in use by " + first.strip());
        assertThat(ctr("ps", "-aq", "--no-trunc").out()).isEqualTo(second);
    }

    @Test
    void removingTellsWhatIsNotThere() {
        create("--name", "web");

        CommandRun run = ctr("rm", "nothing", "web");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEqualTo("web\n");
        assertThat(run.err()).isEqualTo("Error: no container with name or ID \"nothing\" found: no such container\n");
        assertThat(ctr("rm", "--ignore", "nothing").exitCode()).isZero();
        assertThat(ctr("rm", "-f", "nothing").exitCode()).isZero();
    }

    @Test
    void theExitCodeIsThatOfTheLastFailure() {
        create("--name", "web");

        CommandRun run = ctr("rm", "nothing", "web");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(ctr("kill", "web", "nothing").exitCode()).isEqualTo(125);
    }

    @Test
    void inspectFindsContainersAndVolumesAndTellsWhatItDoesNotFind() throws IOException {
        create("--name", "web");
        ctr("volume", "create", "data");

        CommandRun run = ctr("inspect", "web", "nothing", "data");

        assertThat(run.exitCode()).isEqualTo(125);
        assertThat(run.err()).isEqualTo("Error: no such object: \"nothing\"\n");
        assertThat(JSON.readTree(run.out())).hasSize(2);
        assertThat(run.out()).startsWith("[\n    {\n        \"Id\":");
        assertThat(ctr("inspect", "--format", "{{.Name}} {{.State.Status}}", "web")
                        .out())
                .isEqualTo("web created\n");
        assertThat(ctr("inspect", "--latest", "-f", "{{.Name}}").out()).isEqualTo("web\n");
        assertThat(ctr("inspect", "--type", "volume", "web").err())
                .isEqualTo("Error: no volume with name \"web\" found: no such volume\n");
        assertThat(ctr("inspect", "-f", "{{.Nothing}}", "web").exitCode()).isEqualTo(125);
    }

    @Test
    void volumesAreListedAndKeptWhileUsed() {
        create("--name", "web", "-v", "data:/data");
        ctr("volume", "create", "--label", "x=1", "free");

        assertThat(ctr("volume", "ls").out())
                .isEqualTo("DRIVER      VOLUME NAME\nlocal       data\nlocal       free\n");
        assertThat(ctr("volume", "ls", "-q", "--filter", "dangling=true").out()).isEqualTo("free\n");
        assertThat(ctr("volume", "ls", "-q", "--filter", "label=x=1").out()).isEqualTo("free\n");
        assertThat(ctr("volume", "rm", "data").exitCode()).isEqualTo(2);
        assertThat(ctr("volume", "rm", "nothing").exitCode()).isEqualTo(1);
        assertThat(ctr("volume", "rm", "--force", "data").out()).isEqualTo("data\n");
        assertThat(ctr("ps", "-aq").out()).isEmpty();
    }

    @Test
    void portsAreShownWithTheirRanges() {
        assertThat(SummaryRow.ports(List.of(
                        new PortMapping("", 80, 18080, 1, "tcp"), new PortMapping("127.0.0.1", 9000, 19000, 4, "udp"))))
                .isEqualTo("0.0.0.0:18080->80/tcp, 127.0.0.1:19000-19003->9000-9003/udp");
    }

    @Test
    void entryPointsAreProgramsOrJsonArrays() {
        assertThat(CommandWords.parse("/bin/sh")).containsExactly("/bin/sh");
        assertThat(CommandWords.parse("[\"a\", \"b c\"]")).containsExactly("a", "b c");
        assertThat(CommandWords.parse("[")).containsExactly("[");
        assertThat(CommandWords.parse("")).isEmpty();
    }

    private String create(String... flags) {
        List<String> words = new ArrayList<>(List.of("create"));
        words.addAll(List.of(flags));
        words.addAll(List.of("--rootfs", rootfs, "sh"));
        CommandRun run = ctr(words.toArray(String[]::new));
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        return run.out();
    }

    private List<String> names(String... flags) {
        List<String> words = new ArrayList<>(List.of("ps", "-a", "--format", "{{.Names}}"));
        words.addAll(List.of(flags));
        CommandRun run = ctr(words.toArray(String[]::new));
        assertThat(run.err()).isEmpty();
        return run.out().lines().toList();
    }

    private CommandRun ctr(String... words) {
        return CommandRun.at(directory, words);
    }
}

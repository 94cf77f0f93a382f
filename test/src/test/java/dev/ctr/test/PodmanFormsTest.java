package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same container in podman and in ctr: scripts that read the one's output can read the other's. */
@ResourceLock("host network")
final class PodmanFormsTest {
    private static final String VOLUME = "ctr-test-" + UUID.randomUUID();

    private static final String[] CREATION = {
        "run",
        "-d",
        "--name",
        "same",
        "--network",
        "none",
        "--hostname",
        "samehost",
        "-e",
        "A=b",
        "-l",
        "k=v",
        "-w",
        "/tmp",
        "-m",
        "64m",
        "--stop-signal",
        "USR1",
        "--stop-timeout",
        "3",
        "-v",
        VOLUME + ":/data",
        "bb",
        "sh",
        "-c",
        "echo out; echo err >&2; trap 'exit 3' USR1; while :; do sleep 0.05; done"
    };

    /** What may differ, because it names the container, the place, the moment or the engine. */
    private static final Set<String> OF_THIS_ONE = Set.of(
            "/Id",
            "/Created",
            "/Image",
            "/ImageDigest",
            "/StaticDir",
            "/OCIConfigPath",
            "/ConmonPidFile",
            "/ExecIDs",
            "/PidFile",
            "/ResolvConfPath",
            "/HostnamePath",
            "/HostsPath",
            "/BoundingCaps",
            "/EffectiveCaps",
            "/GraphDriver",
            "/Mounts",
            "/State/CgroupPath",
            "/State/ConmonPid",
            "/State/Pid",
            "/State/StartedAt",
            "/Config/Annotations",
            "/Config/CreateCommand",
            "/Config/Env",
            "/HostConfig/CgroupParent",
            "/HostConfig/LogConfig/Path",
            // podman is given these by the configuration that the test writes.
            "/HostConfig/Ulimits",
            // podman names its own; ctr has its namespace's only while it is joined to networks.
            "/NetworkSettings/SandboxKey");

    private static Podman podman;
    private static CtrRoot root;

    @BeforeAll
    static void runTheSameContainer() {
        podman = Podman.assumeUsable();
        root = CtrRoot.create().withBusybox();
        podman.podman(CREATION);
        root.ctr(CREATION);
    }

    @AfterAll
    static void nothingIsLeft() {
        try (Podman first = podman;
                CtrRoot second = root) {
            assertThat(Arrays.asList(first, second)).isNotEmpty();
        }
    }

    @Test
    void inspectHasEveryKeyOfPodmansAndTheSameValues() {
        JsonNode theirs = JsonOutput.of(podman.podman("inspect", "same")).get(0);
        JsonNode ours = JsonOutput.inspect(root, "same");
        Map<String, String> differences = new TreeMap<>();
        compare("", theirs, ours, differences);
        assertThat(differences).isEmpty();
    }

    private static void compare(String path, JsonNode theirs, JsonNode ours, Map<String, String> differences) {
        if (ours.isMissingNode()) {
            differences.put(path, "missing; podman has " + theirs);
        } else if (theirs.isObject() && ours.isObject()) {
            theirs.properties().forEach(field -> {
                String below = path + "/" + field.getKey();
                if (!OF_THIS_ONE.contains(below)) {
                    compare(below, field.getValue(), ours.path(field.getKey()), differences);
                } else if (!ours.has(field.getKey())) {
                    differences.put(below, "missing; podman has " + field.getValue());
                } else if (ours.get(field.getKey()).getNodeType()
                        != field.getValue().getNodeType()) {
                    differences.put(below, ours.get(field.getKey()) + " where podman has " + field.getValue());
                }
            });
        } else if (!theirs.equals(ours)) {
            differences.put(path, ours + " where podman has " + theirs);
        }
    }

    @Test
    void inspectTellsOfNetworksUnderPodmansKeys() {
        JsonNode theirs = JsonOutput.of(podman.podman("inspect", "same")).get(0).path("NetworkSettings");
        assertThat(JsonOutput.keys(JsonOutput.inspect(root, "same").path("NetworkSettings")))
                .containsAll(JsonOutput.keys(theirs));
        root.ctr("create", "--name", "networked", "bb", "true");
        JsonNode network = JsonOutput.inspect(root, "networked")
                .at("/NetworkSettings/Networks")
                .iterator()
                .next();
        // libpod/define/container_inspect.go, InspectAdditionalNetwork
        assertThat(JsonOutput.keys(network))
                .contains(
                        "EndpointID",
                        "Gateway",
                        "IPAddress",
                        "IPPrefixLen",
                        "IPv6Gateway",
                        "GlobalIPv6Address",
                        "GlobalIPv6PrefixLen",
                        "MacAddress",
                        "NetworkID",
                        "DriverOpts",
                        "IPAMConfig",
                        "Links",
                        "Aliases");
    }

    @Test
    void mountsAreToldAlike() {
        JsonNode theirs = JsonOutput.of(podman.podman("inspect", "same")).at("/0/Mounts/0");
        JsonNode ours = JsonOutput.inspect(root, "same").at("/Mounts/0");
        assertThat(JsonOutput.keys(ours)).isEqualTo(JsonOutput.keys(theirs));
        for (String key : List.of("Type", "Name", "Destination", "Driver", "Mode", "Options", "RW", "Propagation")) {
            assertThat(ours.path(key)).as(key).isEqualTo(theirs.path(key));
        }
    }

    @Test
    void psHasTheSameKeysAndTypesInJson() {
        JsonNode theirs = JsonOutput.of(podman.podman("ps", "--filter", "name=same", "--format", "json"))
                .get(0);
        JsonNode ours = JsonOutput.of(root.ctr("ps", "--filter", "name=same", "--format", "json"))
                .get(0);
        assertThat(JsonOutput.keys(ours)).containsAll(JsonOutput.keys(theirs));
        theirs.fieldNames()
                .forEachRemaining(key -> assertThat(ours.path(key).getNodeType())
                        .as(key)
                        .isEqualTo(theirs.path(key).getNodeType()));
        for (String key :
                List.of("Names", "Command", "State", "Image", "Labels", "Mounts", "ExitCode", "Exited", "Networks")) {
            assertThat(ours.path(key)).as(key).isEqualTo(theirs.path(key));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ps", "ps -a --no-trunc", "images", "images --digests", "volume ls"})
    void tablesHaveTheSameHeading(String command) {
        assertThat(heading(root.ctr(command.split(" ")))).isEqualTo(heading(podman.podman(command.split(" "))));
    }

    private static List<String> heading(String table) {
        return List.of(table.lines().findFirst().orElse("").strip().split(" {2,}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{.Names}} {{.Image}} {{.Command}} {{.Networks}} {{.Labels}}",
                "{{.Names}}\\t{{.Mounts}}|{{.Ports}}|{{.Size}}",
                "table {{.Names}} {{.Image}}",
                "table {{ .Names }}  {{.Image}} - x"
            })
    void templatesOfPsAreFilledInAlike(String template) {
        String[] command = {"ps", "--filter", "name=same", "--format", template};
        assertThat(root.ctr(command)).isEqualTo(podman.podman(command));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{.Name}} {{.State.Status}} {{.State.Running}} {{.Config.Labels}}",
                "{{json .Config.Cmd}} {{.HostConfig.Memory}} {{index .Config.Labels \"k\"}}",
                "{{range .Mounts}}{{.Name}}:{{.Destination}}{{end}}{{if .State.Paused}}p{{else}}n{{end}}"
            })
    void templatesOfInspectAreFilledInAlike(String template) {
        assertThat(root.ctr("inspect", "--format", template, "same"))
                .isEqualTo(podman.podman("inspect", "--format", template, "same"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"logs same", "logs --tail 1 same", "exec same env", "exec same cat /etc/hosts /etc/hostname"})
    void programsSeeAndSayTheSame(String command) {
        CommandResult theirs = podman.run(command.split(" "));
        CommandResult ours = root.run(command.split(" "));
        assertThat(lines(ours.output())).isEqualTo(lines(theirs.output()));
        assertThat(ours.errors()).isEqualTo(theirs.errors());
        assertThat(ours.exitCode()).isEqualTo(theirs.exitCode());
    }

    /** The lines in any order, without podman's name for a host that cannot be reached from here. */
    private static List<String> lines(String text) {
        return text.replace("container=ctr", "container=podman")
                .lines()
                .filter(line -> !line.endsWith("\thost.containers.internal"))
                .sorted()
                .toList();
    }

    /** Left out: {@code exec} in a container that does not run, where podman 4 exits with 255 (-1) and ctr with 125. */
    static Stream<List<String>> commandsThatFail() {
        return Stream.of(
                List.of("inspect", "nosuch"),
                List.of("rm", "nosuch"),
                List.of("rm", "same"),
                List.of("rm", "-f", "nosuch"),
                List.of("stop", "nosuch"),
                List.of("kill", "nosuch"),
                List.of("wait", "nosuch"),
                List.of("logs", "nosuch"),
                List.of("exec", "nosuch", "true"),
                List.of("exec", "same", "nosuch"),
                List.of("exec", "same", "/etc/motd"),
                List.of("exec", "same", "sh", "-c", "exit 9"),
                List.of("exec", "-w", "/nosuch", "same", "true"),
                List.of("ps", "--nosuch"),
                List.of("nosuch"),
                List.of("unpause", "same"),
                List.of("rename", "same", "same/other"),
                List.of("rmi", "nosuch"),
                List.of("rmi", "bb"),
                List.of("volume", "rm", "nosuch"),
                List.of("volume", "rm", VOLUME),
                List.of("volume", "inspect", "nosuch"),
                List.of("run", "--rm", "--network", "none", "bb", "nosuch"),
                List.of("run", "--rm", "--network", "none", "bb", "/etc/motd"),
                List.of("run", "--rm", "--network", "none", "bb", "sh", "-c", "exit 7"),
                List.of("run", "--rm", "--name", "same", "bb", "true"),
                List.of("run", "--rm", "--network", "none", "-v", "/nosuch:/x", "bb", "true"));
    }

    @ParameterizedTest
    @MethodSource("commandsThatFail")
    void failuresHaveTheSameExitCode(List<String> command) {
        CommandResult theirs = podman.run(command.toArray(String[]::new));
        CommandResult ours = root.run(command.toArray(String[]::new));
        assertThat(ours.exitCode()).as(ours.errors()).isEqualTo(theirs.exitCode());
        assertThat(ours.output()).isEqualTo(theirs.output());
        assertThat(ours.errors().isEmpty()).isEqualTo(theirs.errors().isEmpty());
    }

    @Test
    void anEndedContainerIsToldAlike() {
        String[] creation = {"run", "--name", "ended", "--network", "none", "bb", "sh", "-c", "exit 42"};
        assertThat(root.run(creation).exitCode()).isEqualTo(podman.run(creation).exitCode());
        List<List<String>> commands = new ArrayList<>();
        commands.add(List.of("wait", "ended"));
        commands.add(List.of("stop", "ended"));
        commands.add(List.of("kill", "ended"));
        commands.add(List.of("pause", "ended"));
        commands.add(List.of("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}}", "ended"));
        commands.add(List.of("rm", "ended"));
        for (List<String> command : commands) {
            CommandResult theirs = podman.run(command.toArray(String[]::new));
            CommandResult ours = root.run(command.toArray(String[]::new));
            assertThat(ours.exitCode()).as(ours.errors()).isEqualTo(theirs.exitCode());
            assertThat(ours.output()).isEqualTo(theirs.output().replaceAll("[0-9a-f]{64}", "ended"));
        }
    }
}

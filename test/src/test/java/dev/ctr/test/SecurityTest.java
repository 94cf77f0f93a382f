package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What a container may do. */
@ResourceLock("host network")
final class SecurityTest {
    private static final String[] STATUS = {"grep", "-E", "^(Seccomp|NoNewPrivs|CapEff|CapBnd):", "/proc/self/status"};

    private static CtrRoot root;

    @BeforeAll
    static void importBusybox() {
        root = CtrRoot.create().withBusybox();
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    private static String run(List<String> flags, String... command) {
        List<String> arguments = new ArrayList<>(List.of("run", "--rm", "--network", "none"));
        arguments.addAll(flags);
        arguments.add("bb");
        arguments.addAll(List.of(command));
        return root.ctr(arguments.toArray(new String[0])).replaceAll("\\s+", " ");
    }

    @Test
    void anOrdinaryContainerHasADefaultProfileAndFewCapabilities() {
        String script = "grep -E '^(Seccomp|CapEff):' /proc/self/status; unshare -m true 2>&1; "
                + "ls -A /proc/scsi /sys/firmware | grep -c x; touch /proc/sys/kernel/hostname 2>&1; true";
        assertThat(run(List.of(), "sh", "-c", script))
                .contains(
                        "CapEff: 00000000800405fb", "Seccomp: 2", "unshare: unshare(0x20000): Operation not permitted")
                .contains("Read-only file system");
    }

    @Test
    void capabilitiesAreAddedAndDropped() {
        assertThat(run(List.of("--cap-drop", "ALL", "--cap-add", "net_raw,CAP_CHOWN"), STATUS))
                .contains("CapEff: 0000000000002001", "CapBnd: 0000000000002001");
        assertThat(run(List.of("-u", "1234", "--cap-add", "net_raw"), STATUS))
                .contains("CapEff: 0000000000002000", "CapBnd: 00000000800425fb");
        assertThat(root.run("create", "--cap-add", "nosuch", "bb", "true").failedWith(125))
                .contains("\"CAP_NOSUCH\": unknown capability");
    }

    @Test
    void aProfileOfOnesOwnIsFollowedAndNoneIsNone() throws Exception {
        Path profile = root.directory().resolve("profile.json");
        Files.writeString(profile, """
                {"defaultAction": "SCMP_ACT_ALLOW",
                 "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]},
                             {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": []}],
                 "syscalls": [
                  {"names": ["sethostname"], "action": "SCMP_ACT_ERRNO", "errnoRet": 22},
                  {"names": ["chmod", "fchmodat", "fchmodat2"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28,
                   "excludes": {"caps": ["CAP_SYS_TIME"]}},
                  {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO",
                   "includes": {"caps": ["CAP_SYS_TIME"]}}]}
                """);
        List<String> flags = List.of("--security-opt", "seccomp=" + profile);
        assertThat(run(flags, "sh", "-c", "chmod 700 /app 2>&1; mkdir /made && echo made"))
                .contains("No space left on device", "made");
        assertThat(run(List.of("--security-opt", "seccomp=unconfined", "--security-opt", "no-new-privileges"), STATUS))
                .contains("Seccomp: 0", "NoNewPrivs: 1");
        assertThat(root.run("create", "--security-opt", "seccomp=/nosuch", "bb", "true")
                        .failedWith(125))
                .contains("opening seccomp profile failed: open /nosuch: no such file or directory");
    }

    @Test
    void pathsAreHiddenAndShown() {
        List<String> flags = List.of(
                "--security-opt",
                "mask=/app:/etc/motd",
                "--security-opt",
                "unmask=/proc/key*:/proc/sys",
                "--security-opt",
                "proc-opts=hidepid=2");
        String script =
                "ls -A /app; cat /etc/motd; mount | grep -c -E ' /proc/(keys|sys) '; awk '$2 == \"/proc\" { print $4 }' /proc/mounts | grep -c hidepid; true";
        assertThat(run(flags, "sh", "-c", script)).isEqualTo("0 1");
        assertThat(run(List.of("--security-opt", "unmask=ALL"), "sh", "-c", "mount | grep -c ' on /proc/'; true"))
                .isEqualTo("0");
    }

    @Test
    void aPrivilegedContainerHasDevicesAndNoProfile() {
        String script = "grep Seccomp: /proc/self/status; ls /dev/loop-control /dev/kmsg 2>&1; "
                + "grep -c -E '^(sysfs|cgroup) .* ro,' /proc/mounts; true";
        assertThat(run(List.of("--privileged"), "sh", "-c", script))
                .startsWith("Seccomp: 0")
                .endsWith(" 0");
    }

    @Test
    void devicesAreLentAsFarAsAsked() {
        assumeTrue(Files.exists(Path.of("/dev/loop-control")), "the host has no /dev/loop-control");
        String script = "ls -l /dev/other | cut -c1; (exec 3< /dev/other) && echo read; (echo > /dev/other) 2>&1; true";
        assertThat(run(List.of("--device", "/dev/loop-control:/dev/other:r"), "sh", "-c", script))
                .startsWith("c read ")
                .contains("Operation not permitted");
        assertThat(run(
                        List.of("--device-cgroup-rule", "c 1:* rwm", "--cap-add", "mknod"),
                        "sh",
                        "-c",
                        "mknod /kmsg c 1 11 && echo -n > /kmsg && echo open"))
                .isEqualTo("open");
        assertThat(root.run("create", "--device", "/dev/nosuch", "bb", "true").failedWith(125))
                .contains("/dev/nosuch");
        assertThat(root.run("create", "--device-cgroup-rule", "x", "bb", "true").failedWith(125))
                .contains("invalid device cgroup rule");
    }

    @Test
    void kernelParametersAreThoseOfItsOwnNamespaces() {
        assertThat(run(
                        List.of("--sysctl", "net.ipv4.ip_forward=1", "--sysctl", "kernel.shmmni=100"),
                        "cat",
                        "/proc/sys/net/ipv4/ip_forward",
                        "/proc/sys/kernel/shmmni"))
                .isEqualTo("1 100");
        assertThat(root.run("create", "--sysctl", "kernel.panic=1", "bb", "true")
                        .failedWith(125))
                .contains("sysctl 'kernel.panic' is not allowed");
        assertThat(root.run("create", "--network", "host", "--sysctl", "net.core.somaxconn=1", "bb", "true")
                        .failedWith(125))
                .contains("can't be set since");
    }

    @Test
    void theProfileIsPodmansForTheSameContainer() {
        try (Podman podman = Podman.assumeUsable()) {
            String profile = "/usr/share/containers/seccomp.json";
            assumeTrue(Files.exists(Path.of(profile)), "no " + profile);
            String[] flags = {"--network", "none", "--cap-drop", "ALL", "--cap-add", "CHOWN,SYS_TIME", "--security-opt"
            };
            podman.podman(command("create", flags, "seccomp=" + profile));
            podman.podman("init", "same");
            root.ctr(command("create", flags, "seccomp=" + profile));
            JsonNode theirs = specification(podman.podman("inspect", "-f", "{{.OCIConfigPath}}", "same"));
            JsonNode ours = JsonOutput.of(root.ctr("inspect", "-f", "{{json .}}", "same"));
            JsonNode own = specification(init(ours.path("OCIConfigPath").asText()));
            assertThat(own.at("/linux/seccomp/architectures")).isEqualTo(theirs.at("/linux/seccomp/architectures"));
            assertThat(own.at("/linux/seccomp/defaultErrnoRet")).isEqualTo(theirs.at("/linux/seccomp/defaultErrnoRet"));
            assertThat(rules(own)).isEqualTo(rules(theirs));
            assertThat(own.at("/linux/maskedPaths")).isEqualTo(theirs.at("/linux/maskedPaths"));
            assertThat(own.at("/linux/readonlyPaths")).isEqualTo(theirs.at("/linux/readonlyPaths"));
        }
    }

    private static String init(String path) {
        root.ctr("init", "same");
        return path;
    }

    private static String[] command(String verb, String[] flags, String last) {
        List<String> command = new ArrayList<>(List.of(verb, "--name", "same"));
        command.addAll(List.of(flags));
        command.addAll(List.of(last, "bb", "sleep", "1000"));
        return command.toArray(new String[0]);
    }

    private static JsonNode specification(String path) {
        try {
            return JsonOutput.of(Files.readString(Path.of(path)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One text for each name of a system call in each rule. */
    private static Set<String> rules(JsonNode specification) {
        Set<String> rules = new TreeSet<>();
        for (JsonNode rule : specification.at("/linux/seccomp/syscalls")) {
            StreamSupport.stream(rule.path("names").spliterator(), false)
                    .map(name -> name.asText() + " " + rule.path("action").asText() + " "
                            + rule.path("errnoRet").asText("") + " " + comparisons(rule.path("args")))
                    .forEach(rules::add);
        }
        return rules;
    }

    private static String comparisons(JsonNode arguments) {
        StringBuilder text = new StringBuilder();
        for (JsonNode argument : arguments) {
            text.append(argument.path("index").asInt())
                    .append(argument.path("op").asText())
                    .append(argument.path("value").asLong())
                    .append('/')
                    .append(argument.path("valueTwo").asLong())
                    .append(' ');
        }
        return text.toString();
    }
}

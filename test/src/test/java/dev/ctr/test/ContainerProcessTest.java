package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a program finds when it starts in a container: variables, user, directory, name, rights and limits. */
final class ContainerProcessTest {
    private static CtrRoot root;
    private static Path rootfs;

    @BeforeAll
    static void layOutARootFileSystem() throws IOException {
        root = CtrRoot.create().withBusybox();
        rootfs = Busybox.layOut(root.directory().resolve("rootfs"));
        Files.writeString(rootfs.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\napp:x:12:34::/app:/bin/sh\n");
        Files.writeString(rootfs.resolve("etc/group"), "root:x:0:\napp:x:34:\nextra:x:56:app\n");
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    @Test
    void variablesComeFromFlagsFilesAndTheCaller() throws IOException {
        Path file = root.directory().resolve("variables");
        Files.writeString(file, "# a remark\nFILE=from the file\nBOTH=file\n");
        List<String> report = run(
                        List.of("-e", "FLAG=from the flag", "-e", "BOTH=flag", "--env-file", file.toString()), "env")
                .lines()
                .toList();
        assertThat(report)
                .contains("FLAG=from the flag", "FILE=from the file", "BOTH=flag", "container=ctr", "HOME=/root")
                .anyMatch(line -> line.startsWith("PATH=/usr/local/sbin:"))
                .anyMatch(line -> line.startsWith("HOSTNAME="));
    }

    @Test
    void theUserIsFoundByName() {
        String report = "id -u; id -g; id -G; echo $HOME";
        assertThat(runOnRootfs(List.of("-u", "app"), "sh", "-c", report).lines())
                .containsExactly("12", "34", "34 56", "/app");
        assertThat(runOnRootfs(List.of("-u", "app:root"), "sh", "-c", "id -u; id -g")
                        .lines())
                .containsExactly("12", "0");
        assertThat(root.run("run", "--rm", "--network", "none", "-u", "nobody", "bb", "true")
                        .failedWith(125))
                .contains("nobody");
    }

    @Test
    void theHostNameIsTheIdUnlessGiven() {
        assertThat(run(List.of("--hostname", "given"), "sh", "-c", "hostname; cat /etc/hostname")
                        .lines())
                .containsExactly("given", "given");
        String id = root.ctr("create", "--name", "unnamed", "--network", "none", "bb", "hostname");
        assertThat(root.ctr("start", "-a", "unnamed")).isEqualTo(id.substring(0, 12));
    }

    @Test
    void theWorkingDirectoryIsMadeIfTheImageLacksIt() {
        assertThat(run(List.of("-w", "/made/for/it"), "pwd")).isEqualTo("/made/for/it");
    }

    @Test
    void theEntryPointIsReplacedAndTheCommandIsItsArguments() {
        assertThat(run(List.of("--entrypoint", "/bin/echo"), "a", "b c")).isEqualTo("a b c");
        assertThat(run(List.of("--entrypoint", "[\"/bin/echo\",\"first\"]"), "second"))
                .isEqualTo("first second");
    }

    @Test
    void capabilitiesAreThoseOfPodmanUnlessChanged() {
        String effective = "grep CapEff /proc/self/status | cut -f2";
        assertThat(run(List.of(), "sh", "-c", effective)).isEqualTo("00000000800405fb");
        assertThat(run(List.of("--cap-drop", "all"), "sh", "-c", effective)).isEqualTo("0000000000000000");
        assertThat(run(List.of("--cap-drop", "all", "--cap-add", "CHOWN"), "sh", "-c", effective))
                .isEqualTo("0000000000000001");
    }

    @Test
    void namespacesAreTheContainersOwn() throws IOException {
        List<String> kinds = List.of("pid", "uts", "ipc", "mnt", "net");
        String links = "for n in " + String.join(" ", kinds) + "; do readlink /proc/self/ns/$n; done";
        List<String> report = run(List.of(), "sh", "-c", links).lines().toList();
        assertThat(report).hasSameSizeAs(kinds);
        for (String kind : kinds) {
            String ours = Files.readSymbolicLink(Path.of("/proc/self/ns", kind)).toString();
            assertThat(report).doesNotContain(ours);
        }
    }

    @Test
    void limitsReachTheCgroup() {
        root.ctr(
                "run",
                "-d",
                "--name",
                "limits",
                "--network",
                "none",
                "-m",
                "64m",
                "--pids-limit",
                "77",
                "--cpus",
                "0.5",
                "bb",
                "sleep",
                "1000");
        String pid = root.ctr("inspect", "-f", "{{.State.Pid}}", "limits");
        assertThat(cgroupFile(pid, "memory", "memory.limit_in_bytes", "memory.max"))
                .isEqualTo("67108864");
        assertThat(cgroupFile(pid, "pids", "pids.max", "pids.max")).isEqualTo("77");
        assertThat(cgroupFile(pid, "cpu", "cpu.cfs_quota_us", "cpu.max")).startsWith("50000");
        assertThat(root.ctr(
                        "inspect",
                        "-f",
                        "{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.HostConfig.NanoCpus}}",
                        "limits"))
                .isEqualTo("67108864 77 500000000");
    }

    @Test
    void aLimitOfProcessesHolds() {
        CommandResult result = root.run(
                "run",
                "--rm",
                "--network",
                "none",
                "--pids-limit",
                "5",
                "bb",
                "sh",
                "-c",
                "for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait");
        assertThat(result.errors()).contains("fork");
    }

    private static String cgroupFile(String pid, String controller, String nameInV1, String nameInV2) {
        return Commands.run(
                        "sh",
                        "-c",
                        "line=$(grep -E ':([^:]*,)?" + controller + "(,[^:]*)?:' /proc/" + pid + "/cgroup)"
                                + " && cat /sys/fs/cgroup/" + controller + "${line##*:}/" + nameInV1
                                + " || { line=$(grep ^0:: /proc/" + pid + "/cgroup)"
                                + " && cat /sys/fs/cgroup${line##*:}/" + nameInV2 + "; }")
                .succeeded();
    }

    private static String run(List<String> flags, String... command) {
        return run(flags, List.of("bb"), command);
    }

    private static String runOnRootfs(List<String> flags, String... command) {
        return run(flags, List.of("--rootfs", rootfs + ":O"), command);
    }

    private static String run(List<String> flags, List<String> base, String... command) {
        List<String> words = new ArrayList<>(List.of("run", "--rm", "--network", "none"));
        words.addAll(flags);
        words.addAll(base);
        words.addAll(List.of(command));
        return root.ctr(words.toArray(String[]::new));
    }
}

package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who a container's program runs as, and what surrounds it. */
final class UsersTest {
    private static CtrRoot root;
    private static Path rootfs;

    @BeforeAll
    static void layOutUsers() throws Exception {
        root = CtrRoot.create().withBusybox();
        rootfs = Busybox.layOut(root.directory().resolve("rootfs"));
        Files.writeString(
                rootfs.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nbob:x:1000:1001:bob:/home/bob:/bin/sh\n");
        Files.writeString(rootfs.resolve("etc/group"), "root:x:0:\nbobs:x:1001:\nwheel:x:10:bob\naudio:x:29:\n");
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    private static String run(String... arguments) {
        return root.ctr(withRootfs(arguments));
    }

    private static String[] withRootfs(String... arguments) {
        String[] first = {"run", "--rm", "--network", "none", "--rootfs"};
        String[] all = new String[first.length + arguments.length];
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(arguments, 0, all, first.length, arguments.length);
        return all;
    }

    @Test
    void usersAndGroupsAreThoseOfTheRootFileSystem() {
        String place = rootfs + ":O";
        String script = "id -u; id -g; id -G; echo $HOME; umask";
        assertThat(run("-u", "bob", "--group-add", "audio,77", "--umask", "0077", place, "sh", "-c", script)
                        .lines())
                .containsExactly("1000", "1001", "1001 10 29 77", "/home/bob", "0077");
        assertThat(run("-u", "bob:audio", place, "sh", "-c", script).lines())
                .containsExactly("1000", "29", "29", "/home/bob", "0022");
        assertThat(root.run(withRootfs("-u", "nosuch", place, "id")).errors())
                .contains("unable to find user nosuch: no matching entries in passwd file");
        assertThat(root.run(withRootfs("--group-add", "nosuch", place, "id")).errors())
                .contains("unable to find group nosuch: no matching entries in group file");
    }

    @Test
    void aUserWithoutALineGetsOneWithoutChangingTheDirectoryOfTheHost() throws Exception {
        String script = "whoami; tail -1 /etc/passwd";
        assertThat(run("-u", "1234:29", rootfs + ":O", "sh", "-c", script).lines())
                .containsExactly("1234", "1234:*:1234:29:container user:/:/bin/sh");
        assertThat(run(
                                "-u",
                                "1234",
                                "--read-only",
                                "--passwd-entry",
                                "me:x:$UID:$GID::/x:/bin/sh",
                                rootfs.toString(),
                                "sh",
                                "-c",
                                script)
                        .lines())
                .containsExactly("me", "me:x:1234:0::/x:/bin/sh");
        assertThat(run("-u", "1234", "--passwd=false", rootfs + ":O", "tail", "-1", "/etc/passwd"))
                .startsWith("bob:");
        assertThat(Files.readString(rootfs.resolve("etc/passwd"))).doesNotContain("1234");
    }

    @Test
    void theEnvironmentIsPutTogetherFromImageFilesFlagsAndHost() throws Exception {
        Path file = root.directory().resolve("variables");
        Files.writeString(file, "# comment\nFROM_FILE=file\nOVER=file\nHOST_ONE\n");
        CommandResult result = Commands.run(
                Map.of("HOST_ONE", "1", "HOST_TWO", "2", "http_proxy", "proxy.invalid:1"),
                root.command(
                        "run",
                        "--rm",
                        "--network",
                        "none",
                        "--env-file",
                        file.toString(),
                        "-e",
                        "OVER=flag",
                        "-e",
                        "HOST_T*",
                        "-e",
                        "NOT_SET_HERE",
                        "--unsetenv",
                        "TERM",
                        "--tz",
                        "Africa/Abidjan",
                        "--hostname",
                        "named",
                        "bb",
                        "sh",
                        "-c",
                        "env; date +%Z"));
        assertThat(result.succeeded().lines())
                .contains(
                        "FROM_FILE=file",
                        "OVER=flag",
                        "HOST_ONE=1",
                        "HOST_TWO=2",
                        "HOSTNAME=named",
                        "http_proxy=proxy.invalid:1",
                        "container=ctr",
                        "HOME=/root",
                        "GMT")
                .noneMatch(line -> line.startsWith("NOT_SET_HERE") || line.startsWith("TERM="));
        assertThat(root.ctr(
                                "run",
                                "--rm",
                                "--network",
                                "none",
                                "--unsetenv-all",
                                "--http-proxy=false",
                                "bb",
                                "/bin/env")
                        .lines())
                .allMatch(line -> line.startsWith("HOSTNAME=") || line.startsWith("HOME="));
    }

    @Test
    void aMissingWorkingDirectoryIsMadeAndAnInitRunsInFront() throws Exception {
        Path init = root.directory().resolve("init");
        Files.writeString(init, "#!/bin/sh\nshift\necho init $$\nexec \"$@\"\n");
        assertThat(init.toFile().setExecutable(true)).isTrue();
        assertThat(root.ctr(
                                "run",
                                "--rm",
                                "--network",
                                "none",
                                "-w",
                                "/not/there",
                                "--init",
                                "--init-path",
                                init.toString(),
                                "--entrypoint",
                                "[\"sh\",\"-c\"]",
                                "bb",
                                "pwd")
                        .lines())
                .containsExactly("init 1", "/not/there");
        assertThat(root.run("create", "--init-path", "/nosuch", "--init", "bb", "true")
                        .failedWith(125))
                .contains("container-init binary not found on the host");
    }

    @Test
    void aContainerIsKilledWhenItsTimeIsOver() {
        long begin = System.nanoTime();
        root.ctr("run", "-d", "--name", "short", "--network", "none", "--timeout", "1", "bb", "sleep", "100");
        root.ctr("wait", "short");
        assertThat(System.nanoTime() - begin).isLessThan(30_000_000_000L);
        assertThat(root.ctr("inspect", "-f", "{{.Config.Timeout}} {{.State.Running}} {{.State.ExitCode}}", "short"))
                .isEqualTo("1 false 255");
    }
}

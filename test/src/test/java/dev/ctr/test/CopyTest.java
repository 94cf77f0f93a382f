package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** {@code ctr cp}, beside {@code podman cp} and alone. */
@ResourceLock("host network")
class CopyTest {
    private static CtrRoot root;

    @BeforeAll
    static void runContainer() {
        root = CtrRoot.create().withBusybox();
        root.ctr(
                "run",
                "-d",
                "--name",
                "c",
                "--network",
                "none",
                "-v",
                "vol:/data",
                "--tmpfs",
                "/tmp",
                "bb",
                "sleep",
                "1000");
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    /** Copies that are made with both; HERE is a directory of the host for each. */
    private static final List<List<String>> COPIES = List.of(
            List.of("HERE/file", "p:/"),
            List.of("HERE/file", "p:/renamed"),
            List.of("HERE/file", "p:/etc/motd"),
            List.of("HERE/file", "p:/nosuch/"),
            List.of("HERE/file", "p:/nosuch/x"),
            List.of("HERE/dir", "p:/new"),
            List.of("HERE/dir", "p:/new"),
            List.of("HERE/dir/.", "p:/app"),
            List.of("HERE/dir", "p:/etc/passwd"),
            List.of("HERE/nosuch", "p:/"),
            List.of("HERE/link", "p:/copied-link"),
            List.of("p:/app", "HERE/out"),
            List.of("p:/app", "HERE/out"),
            List.of("p:/app/.", "HERE/out2"),
            List.of("p:/etc/motd", "HERE/nosuch/x"),
            List.of("p:/nosuch", "HERE"),
            List.of("p:/app", "HERE/file"));

    @Test
    void filesLandWherePodmanPutsThem() throws IOException {
        try (Podman podman = Podman.assumeUsable()) {
            Path ours = layOut(root.directory().resolve("ours"));
            Path theirs = layOut(podman.directory().resolve("theirs"));
            podman.podman("run", "-d", "--name", "p", "--network", "none", "bb", "sleep", "1000");
            root.ctr("run", "-d", "--name", "p", "--network", "none", "bb", "sleep", "1000");
            for (List<String> copy : COPIES) {
                CommandResult there = podman.run(command(copy, theirs));
                CommandResult here = root.run(command(copy, ours));
                assertThat(here.exitCode()).as("%s: %s", copy, here.errors()).isEqualTo(there.exitCode());
                assertThat(here.errors().replace(ours.toString(), "HERE"))
                        .as(copy.toString())
                        .isEqualTo(there.errors().replace(theirs.toString(), "HERE"));
            }
            assertThat(tree(ours)).isEqualTo(tree(theirs));
            String list =
                    "find / -xdev \\( -path /proc -o -path /dev -o -path /sys -o -path /run -o -path /bin \\) -prune"
                            + " -o ! -name mtab -exec stat -c '%n %a %u %g %s' {} + | grep -v '^/ ' | awk '{ if ($2 ~ /^[17]?7..$/) $5 = \"\"; print }'"
                            + " | grep -v 'hostname\\|hosts\\|resolv' | sort";
            assertThat(root.ctr("exec", "p", "sh", "-c", list)).isEqualTo(podman.podman("exec", "p", "sh", "-c", list));
            root.ctr("rm", "-f", "-t", "0", "p");
        }
    }

    private static String[] command(List<String> copy, Path here) {
        List<String> command = new ArrayList<>(List.of("cp"));
        copy.forEach(argument -> command.add(argument.replace("HERE", here.toString())));
        return command.toArray(String[]::new);
    }

    private static Path layOut(Path directory) throws IOException {
        Files.createDirectories(directory.resolve("dir/sub"));
        Files.writeString(directory.resolve("dir/one"), "one");
        Files.writeString(directory.resolve("dir/sub/two"), "two");
        Files.writeString(directory.resolve("file"), "file");
        Files.createSymbolicLink(directory.resolve("link"), Path.of("file"));
        return directory;
    }

    private static String tree(Path directory) {
        return Commands.run(
                        "sh",
                        "-c",
                        "cd " + directory
                                + " && find . -printf '%p %y %m %U %s\\n' | sed 's/ d \\([0-9]*\\) .*/ d \\1/' | sort")
                .succeeded();
    }

    @Test
    void aTarGoesInAndComesOut() throws IOException {
        Path files = layOut(root.directory().resolve("tarred"));
        Path tar = root.directory().resolve("x.tar");
        Commands.run("tar", "-C", files.toString(), "-czf", tar.toString(), "dir", "file")
                .succeeded();
        String ctr = String.join(" ", root.command());
        Commands.run("sh", "-c", ctr + " cp - c:/data < " + tar).succeeded();
        assertThat(Commands.run("sh", "-c", ctr + " cp c:/data/dir - | tar -t").succeeded())
                .isEqualTo("dir/\ndir/one\ndir/sub/\ndir/sub/two");
        assertThat(Commands.run("sh", "-c", ctr + " cp c:/data/dir/. - | tar -t")
                        .succeeded())
                .isEqualTo("one\nsub/\nsub/two");
        assertThat(Commands.run("sh", "-c", ctr + " cp - c:/nosuch < " + tar).failedWith(125))
                .isEqualTo("Error: destination must be a directory when copying from stdin");
        assertThat(Commands.run("sh", "-c", ctr + " cp - c:/data < " + files.resolve("file"))
                        .failedWith(125))
                .isEqualTo("Error: source must be a (compressed) tar archive when copying from stdin");
    }

    @Test
    void volumesAndTemporaryFileSystemsAreThoseOfTheContainer() throws IOException {
        Path file = root.directory().resolve("seen");
        Files.writeString(file, "seen");
        root.ctr("cp", file.toString(), "c:/tmp/in-tmpfs");
        root.ctr("cp", file.toString(), "c:/data/in-volume");
        assertThat(root.ctr("exec", "c", "cat", "/tmp/in-tmpfs", "/data/in-volume"))
                .isEqualTo("seenseen");
        root.ctr("cp", "c:/tmp/in-tmpfs", "c:/data/copied");
        assertThat(root.ctr("exec", "c", "cat", "/data/copied")).isEqualTo("seen");
        root.ctr("exec", "c", "sh", "-c", "echo there > /tmp/there");
        root.ctr("cp", "c:/tmp/there", root.directory().toString());
        assertThat(root.directory().resolve("there")).hasContent("there");

        root.ctr("create", "--name", "rests", "--network", "none", "-v", "vol:/data", "-v", "own:/app", "bb", "true");
        root.ctr(
                "cp", "rests:/data/in-volume", root.directory().resolve("again").toString());
        assertThat(root.directory().resolve("again")).hasContent("seen");
        root.ctr("cp", file.toString(), "rests:/app/added");
        assertThat(root.ctr("run", "--rm", "--network", "none", "-v", "own:/own", "bb", "ls", "/own"))
                .isEqualTo("added\nconf");
        root.ctr("cp", "rests:/app", "c:/from-rests");
        assertThat(root.ctr("exec", "c", "ls", "/from-rests")).isEqualTo("added\nconf");
        assertThat(root.ctr("mount")).doesNotContain(root.ctr("ps", "-aqf", "name=rests"));
        root.ctr("rm", "rests");
    }

    @Test
    void copiesBelongToTheContainersUserUnlessTheyAreToStayWhose() throws IOException {
        Path file = root.directory().resolve("owned");
        Files.writeString(file, "owned");
        assumeTrue(Commands.run("chown", "12:34", file.toString()).exitCode() == 0, "only root may chown");
        root.ctr("cp", file.toString(), "c:/users");
        root.ctr("cp", "-a=false", file.toString(), "c:/kept");
        assertThat(root.ctr("exec", "c", "stat", "-c", "%u:%g", "/users", "/kept"))
                .isEqualTo("0:0\n12:34");
        root.ctr("exec", "c", "sh", "-c", "cp /bin/busybox /suid; chmod 4755 /suid; chown 0:0 /suid; chmod 4755 /suid");
        root.ctr("cp", "c:/suid", root.directory().toString());
        assertThat(Commands.run(
                                "stat",
                                "-c",
                                "%a",
                                root.directory().resolve("suid").toString())
                        .succeeded())
                .as("a program from a container is nobody's set-user-ID program on the host")
                .isEqualTo("755");
    }

    @Test
    void aDirectoryAndAFileDoNotReplaceEachOtherUnlessAsked() throws IOException {
        Path source = root.directory().resolve("kinds");
        Files.createDirectories(source.resolve("a-file"));
        Files.writeString(source.resolve("a-directory"), "now a file");
        root.ctr("exec", "c", "sh", "-c", "mkdir -p /kinds/a-directory/x; echo > /kinds/a-file");
        assertThat(root.run("cp", source + "/.", "c:/kinds").failedWith(125)).contains("overwriting is asked for");
        root.ctr("cp", "--overwrite", source + "/.", "c:/kinds");
        assertThat(root.ctr("exec", "c", "sh", "-c", "cat /kinds/a-directory; test -d /kinds/a-file && echo; echo dir"))
                .isEqualTo("now a file\ndir");
    }

    @Test
    void whatCannotBeMeantIsRefused() {
        assertThat(root.run("cp", "a", "b").failedWith(125)).contains("must be CONTAINER:PATH");
        assertThat(root.run("cp", "c:", "b").failedWith(125)).contains("you must specify paths");
        assertThat(root.run("cp", "a").failedWith(125)).isEqualTo("Error: accepts 2 arg(s), received 1");
        assertThat(root.run("cp", "nobody:/a", "b").failedWith(125))
                .isEqualTo("Error: container \"nobody\" does not exist");
    }
}

package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What fails leaves things as they were. */
@ResourceLock("host network")
class FailureTest {
    private final CtrRoot root = CtrRoot.create();
    private final Path archive = root.directory().resolve("archive.tar");

    @BeforeEach
    void importImage() {
        root.withBusybox();
    }

    @AfterEach
    void leaveNothing() {
        root.close();
    }

    private void runCounter(String name, String network) {
        root.ctr(
                "run",
                "-d",
                "--name",
                name,
                "--network",
                network,
                "bb",
                "sh",
                "-c",
                "i=0; while true; do i=$((i+1)); echo count $i; sleep 0.1; done");
        await().until(() -> root.ctr("logs", name).contains("count 2"));
    }

    private void assertGoesOn(String name) {
        assertThat(root.ctr("inspect", "-f", "{{.State.Status}}", name)).isEqualTo("running");
        long lines = root.ctr("logs", name).lines().count();
        await().until(() -> root.ctr("logs", name).lines().count() > lines);
        root.ctr("exec", name, "true");
    }

    @Test
    void aDumpWithAFileOutsideAsOutputFailsAndTheContainerGoesOn() throws IOException {
        Path outside = Files.createDirectory(root.directory().resolve("outside"));
        root.ctr(
                "run",
                "-d",
                "--name",
                "one",
                "--network",
                "none",
                "--cap-add",
                "SYS_ADMIN",
                "-v",
                outside + ":/outside",
                "bb",
                "sh",
                "-c",
                "exec >/outside/output; umount -l /outside; while true; do echo written; sleep 0.1; done");
        await().until(() -> Files.exists(outside.resolve("output")) && Files.size(outside.resolve("output")) > 20);
        String error = root.run("checkpoint", "-e", archive.toString(), "one").failedWith(125);
        assertThat(error).contains("cannot checkpoint one");
        assertThat(root.ctr("inspect", "-f", "{{.State.Status}} {{.State.Checkpointed}}", "one"))
                .isEqualTo("running false");
        long size = Files.size(outside.resolve("output"));
        await().until(() -> Files.size(outside.resolve("output")) > size);
        try (var files = Files.list(root.directory())) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("root", "run", "outside");
        }
    }

    @Test
    void aCheckpointThatWouldLoseAnExecSessionIsRefused() {
        runCounter("one", "none");
        root.ctr("exec", "-d", "one", "sleep", "1000");
        assertThat(root.run("checkpoint", "-e", archive.toString(), "one").failedWith(125))
                .contains("exec session");
        assertThat(archive).doesNotExist();
        assertGoesOn("one");
    }

    @Test
    void aRestoreUnderATakenNameLeavesNothing() {
        runCounter("one", "bridge");
        root.ctr("checkpoint", "-R", "-e", archive.toString(), "one");
        List<String> before = root.leftovers();
        String error = root.run("restore", "-i", archive.toString()).failedWith(125);
        assertThat(error).contains("\"one\" is already in use");
        assertThat(root.leftovers()).isEqualTo(before);
        assertGoesOn("one");
    }

    @Test
    void aTruncatedArchiveLeavesNothing() throws IOException {
        runCounter("one", "none");
        root.ctr("checkpoint", "-e", archive.toString(), "one");
        root.ctr("rm", "one");
        List<String> before = root.leftovers();
        try (RandomAccessFile file = new RandomAccessFile(archive.toFile(), "rw")) {
            file.setLength(file.length() / 2);
        }
        assertThat(root.run("restore", "-i", archive.toString()).failedWith(125))
                .contains("archive");
        assertThat(root.leftovers()).isEqualTo(before).isEmpty();
    }

    @Test
    void aMissingFileOfTheRootFileSystemLeavesNothing() throws IOException {
        Path rootfs = Busybox.layOut(root.directory().resolve("rootfs"));
        root.ctr(
                "run",
                "-d",
                "--name",
                "one",
                "--network",
                "bridge",
                "-p",
                "18099:80",
                "-v",
                "data:/data",
                "--rootfs",
                rootfs.toString(),
                "busybox",
                "httpd",
                "-f");
        root.ctr("checkpoint", "-e", archive.toString(), "one");
        root.ctr("rm", "one");
        root.ctr("volume", "rm", "data");
        Files.move(rootfs.resolve("bin/busybox"), rootfs.resolve("bin/elsewhere"));
        assertThat(root.run("restore", "-i", archive.toString()).failedWith(125))
                .contains("cannot restore one");
        assertThat(root.leftovers()).isEmpty();
        assertThat(root.ctr("ps", "-aq")).isEmpty();
        assertThat(root.ctr("volume", "ls", "-q")).isEmpty();
        Files.move(rootfs.resolve("bin/elsewhere"), rootfs.resolve("bin/busybox"));
        root.ctr("restore", "-i", archive.toString());
        assertThat(root.ctr("ps", "-q")).isNotEmpty();
        root.ctr("rm", "-f", "-t", "0", "one");
        Files.move(rootfs.resolve("bin/busybox"), rootfs.resolve("bin/elsewhere"));
        root.run("restore", "-i", archive.toString(), "--ignore-volumes").failedWith(125);
        assertThat(root.ctr("volume", "ls", "-q")).isEqualTo("data");
    }

    @Test
    void aRestoreInPlaceThatFailsCanBeTriedAgain() throws IOException {
        runCounter("one", "bridge");
        root.ctr("checkpoint", "one");
        Path upper = Path.of(root.ctr("inspect", "-f", "{{.GraphDriver.Data.UpperDir}}", "one"));
        Path images = Path.of(root.ctr("inspect", "-f", "{{.State.CheckpointPath}}", "one"));
        Files.move(images.resolve("core-1.img"), upper.resolveSibling("core-1.img"));
        root.run("restore", "one").failedWith(125);
        assertThat(root.ctr("inspect", "-f", "{{.State.Status}} {{.State.Checkpointed}}", "one"))
                .isEqualTo("exited true");
        Files.move(upper.resolveSibling("core-1.img"), images.resolve("core-1.img"));
        root.ctr("restore", "one");
        assertGoesOn("one");
    }

    @Test
    void anArchiveThatCannotBeWrittenLetsTheContainerGoOn() {
        runCounter("one", "none");
        Path small = root.directory().resolve("small");
        Commands.run("mkdir", small.toString()).succeeded();
        Commands.run("mount", "-t", "tmpfs", "-o", "size=16k", "small", small.toString())
                .succeeded();
        try {
            root.run("checkpoint", "--compress", "none", "-e", small + "/archive", "one")
                    .failedWith(125);
            assertThat(small).isEmptyDirectory();
            assertGoesOn("one");
        } finally {
            Commands.run("umount", small.toString()).succeeded();
        }
    }

    @Test
    @Upstream(8)
    void aConnectionIsNotBrokenByADumpThatIsRefused() {
        root.ctr(
                "run",
                "-d",
                "--name",
                "one",
                "--network",
                "none",
                "bb",
                "sh",
                "-c",
                "nc -ll -p 7 -e cat & sleep 1; (while true; do echo ping; sleep 0.1; done) | nc 127.0.0.1 7");
        await().until(() -> root.ctr("logs", "one").contains("ping"));
        assertThat(root.run("checkpoint", "one").failedWith(125)).contains("cannot checkpoint one");
        assertGoesOn("one");
        root.ctr("checkpoint", "--tcp-established", "one");
        assertThat(root.run("restore", "one").failedWith(125)).contains("cannot restore one", "--tcp-established");
        root.ctr("restore", "--tcp-established", "one");
        assertGoesOn("one");
    }
}

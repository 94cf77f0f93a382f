package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A container with something of everything goes through a checkpoint and is the same on the other side. */
class CheckpointRestoreTest {
    /** Changes the image in every way, then counts. */
    private static final String PROGRAM = """
            echo changed > /app/conf
            echo added > /newfile
            mkdir -p /newdir/sub && echo deep > /newdir/sub/file
            chmod 750 /newdir && ln /newfile /newlink && mknod /fifo p
            rm /etc/motd
            echo shared > /dev/shm/note
            echo kept > /data/note
            i=0; while true; do i=$((i+1)); echo count $i; sleep 0.1; done
            """;

    /** Prints everything that must survive. */
    private static final String REPORT =
            "cat /app/conf /newfile /newdir/sub/file /dev/shm/note /data/note; stat -c '%a %h %F' /newdir /newlink /fifo;"
                    + " test -e /etc/motd || echo no motd; tr '\\0' '\\n' < /proc/1/environ | grep '^FOO='; hostname";

    private final CtrRoot root = CtrRoot.create();
    private final Path archive = root.directory().resolve("archive");

    @BeforeEach
    void importImage() {
        root.withBusybox();
    }

    @AfterEach
    void leaveNothing() {
        root.close();
    }

    private void runCounter(String name) {
        root.ctr(
                "run",
                "-d",
                "--name",
                name,
                "--network",
                "none",
                "--hostname",
                "counterhost",
                "-e",
                "FOO=bar",
                "-v",
                "vol:/data",
                "bb",
                "sh",
                "-c",
                PROGRAM);
        await().until(() -> lastCount(name) > 3);
    }

    /** The last number that the container has counted to. */
    private long lastCount(String name) {
        return root.ctr("logs", "--tail", "1", name)
                .lines()
                .filter(line -> line.startsWith("count "))
                .mapToLong(line -> Long.parseLong(line.substring("count ".length())))
                .max()
                .orElse(0);
    }

    private String report(String name) {
        return root.ctr("exec", name, "sh", "-c", REPORT);
    }

    private String status(String name) {
        return root.ctr("inspect", "--format", "{{.State.Status}} {{.State.Checkpointed}} {{.State.Restored}}", name);
    }

    private String booleans(String name) {
        return root.ctr(
                "inspect",
                "-f",
                "{{.State.Status}}:{{.State.Running}}:{{.State.Paused}}:{{.State.Checkpointed}}",
                name);
    }

    private void assertGoesOn(String name, long from) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(lastCount(name)).isGreaterThan(from));
        assertThat(root.ctr("logs", name).lines().filter(line -> line.equals("count " + (from + 1))))
                .as("the count after %d, exactly once", from)
                .hasSize(1);
    }

    @Test
    @Upstream({37, 43})
    void goesOnInPlace() {
        runCounter("one");
        String before = report("one");
        for (int time = 0; time < 2; time++) {
            assertThat(root.ctr("checkpoint", "one")).isEqualTo("one");
            assertThat(status("one")).startsWith("exited true");
            assertThat(booleans("one")).isEqualTo("exited:false:false:true");
            long counted = lastCount("one");
            assertThat(root.ctr("restore", "one")).isEqualTo("one");
            assertThat(status("one")).isEqualTo("running false true");
            assertThat(booleans("one")).isEqualTo("running:true:false:false");
            assertGoesOn("one", counted);
            assertThat(report("one")).isEqualTo(before);
        }
    }

    @Test
    void goesOnAgainAndAgainWhenTheCheckpointIsKept() {
        runCounter("one");
        root.ctr("checkpoint", "--keep", "one");
        assertThat(root.ctr("inspect", "-f", "{{.State.CheckpointLog}}", "one")).endsWith("dump.log");
        long counted = lastCount("one");
        root.ctr("restore", "--keep", "one");
        assertGoesOn("one", counted);
        root.ctr("stop", "-t", "0", "one");
        root.ctr("restore", "one");
        await().until(() -> root.ctr("logs", "one")
                        .lines()
                        .filter(line -> line.equals("count " + (counted + 1)))
                        .count()
                == 2);
    }

    @ParameterizedTest
    @Upstream({13, 36})
    @ValueSource(strings = {"zstd", "zstd:1", "gzip", "none"})
    void goesOnFromAnArchive(String compression) {
        runCounter("one");
        String before = report("one");
        root.ctr("checkpoint", "--compress", compression, "-e", archive.toString(), "one");
        long counted = lastCount("one");
        root.ctr("rm", "one");
        root.ctr("volume", "rm", "vol");
        root.ctr("restore", "-i", archive.toString());
        assertGoesOn("one", counted);
        assertThat(report("one")).isEqualTo(before);
        assertThat(status("one")).isEqualTo("running false true");
    }

    @Test
    void isClonedFromOneArchive() {
        runCounter("one");
        String before = report("one");
        root.ctr("checkpoint", "-R", "-e", archive.toString(), "one");
        assertThat(status("one")).isEqualTo("running false false");
        for (String clone : new String[] {"two", "three"}) {
            root.ctr("restore", "-i", archive.toString(), "--name", clone, "--ignore-volumes");
            assertGoesOn(clone, 3);
            assertThat(report(clone)).isEqualTo(before);
        }
        assertThat(root.ctr("ps", "-q").lines()).hasSize(3);
        root.ctr("checkpoint", "-e", archive + "-of-clone", "three");
        root.ctr("restore", "-i", archive + "-of-clone", "--name", "four", "--ignore-volumes");
        assertThat(report("four")).isEqualTo(before);
    }

    @Test
    void goesThroughAPipe() throws IOException {
        runCounter("one");
        Path errors = root.directory().resolve("errors");
        String export = String.join(" ", root.command("checkpoint", "-e", "-", "one"));
        String restore = String.join(" ", root.command("restore", "-i", "-", "--name", "two", "--ignore-volumes"));
        Commands.run("sh", "-c", export + " 2>" + errors + " | " + restore).succeeded();
        assertThat(Files.readString(errors)).isEmpty();
        assertGoesOn("two", 3);
    }

    @Test
    void leavesOutWhatIsNotWanted() {
        runCounter("one");
        root.ctr("checkpoint", "--ignore-rootfs", "--ignore-volumes", "-e", archive.toString(), "one");
        root.ctr("rm", "one");
        root.ctr("volume", "rm", "vol");
        root.ctr("restore", "-i", archive.toString(), "--ignore-volumes");
        assertThat(root.ctr("exec", "one", "sh", "-c", "cat /app/conf /etc/motd; ls /data /newfile 2>&1 || true"))
                .contains("from the image", "welcome")
                .doesNotContain("added", "note\n");
    }

    @Test
    void tellsItsStatistics() {
        runCounter("one");
        String statistics = root.ctr("checkpoint", "--print-stats", "-e", archive.toString(), "one");
        assertThat(statistics)
                .contains("ctr_checkpoint_duration", "runtime_checkpoint_duration", "frozen_time", "pages_written");
        root.ctr("rm", "one");
        assertThat(root.ctr("restore", "--print-stats", "-i", archive.toString(), "--ignore-volumes"))
                .contains("ctr_restore_duration", "runtime_restore_duration", "restore_time")
                .contains("unpack_duration", "files_duration", "prepare_duration");
    }

    @Test
    @Upstream({12, 18})
    void removesAContainerThatWasToBeRemovedOnExit() {
        root.ctr("run", "-d", "--rm", "--name", "one", "--network", "none", "bb", "sleep", "1000");
        root.run("checkpoint", "one").failedWith(125);
        assertThat(status("one")).startsWith("running");
        root.ctr("checkpoint", "-e", archive.toString(), "one");
        assertThat(root.ctr("ps", "-aq")).isEmpty();
        root.ctr("restore", "-i", archive.toString(), "--name", "two");
        root.ctr("restore", "-i", archive.toString());
        assertThat(status("one")).isEqualTo("running false true");
        assertThat(root.ctr("ps", "--format", "{{.Names}}").lines()).containsExactlyInAnyOrder("one", "two");
    }

    @Test
    void keepsItsAddressUnlessToldOtherwise() {
        root.ctr("run", "-d", "--name", "one", "--network", "bridge", "bb", "sleep", "1000");
        String address = address("one");
        root.ctr("checkpoint", "one");
        root.ctr("restore", "one");
        assertThat(address("one")).isEqualTo(address);
        root.ctr("checkpoint", "-e", archive.toString(), "one");
        root.ctr("rm", "one");
        root.ctr("restore", "-i", archive.toString());
        assertThat(address("one")).isEqualTo(address);
        root.ctr("restore", "-i", archive.toString(), "--name", "two");
        assertThat(address("two")).isNotEqualTo(address);
        root.ctr("rm", "-f", "-t", "0", "one", "two");
        root.ctr("restore", "-i", archive.toString(), "--ignore-static-ip", "--ignore-static-mac");
        assertThat(address("one")).isNotEqualTo(address);
    }

    private String address(String name) {
        return root.ctr(
                "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.MacAddress}}{{end}}", name);
    }

    @Test
    @Upstream(32)
    void keepsFileLocksOnlyWhenAsked() {
        root.ctr("run", "-d", "--name", "one", "--network", "none", "bb", "flock", "/app/conf", "sleep", "1000");
        await().until(() -> root.ctr("exec", "one", "cat", "/proc/locks").contains("FLOCK"));
        root.run("checkpoint", "one").failedWith(125);
        assertThat(status("one")).startsWith("running");
        root.ctr("checkpoint", "--file-locks", "one");
        root.ctr("restore", "--file-locks", "one");
        assertThat(root.ctr("exec", "one", "cat", "/proc/locks")).contains("FLOCK");
    }

    @Test
    void keepsATerminal() {
        root.ctr(
                "run",
                "-d",
                "-t",
                "--name",
                "one",
                "--network",
                "none",
                "bb",
                "sh",
                "-c",
                "i=0; while true; do i=$((i+1)); echo count $i; sleep 0.1; done");
        await().until(() -> root.ctr("logs", "one").contains("count 3"));
        root.ctr("checkpoint", "-e", archive.toString(), "one");
        root.ctr("rm", "one");
        root.ctr("restore", "-i", archive.toString());
        assertThat(root.ctr("exec", "one", "readlink", "/proc/1/fd/0")).startsWith("/dev/");
        await().until(() -> root.ctr("logs", "one").lines().count() > 10);
    }
}

package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.archive.ArchiveChain;
import dev.ctr.archive.CheckpointArchiveReader;
import dev.ctr.archive.Compression;
import dev.ctr.archive.ExtractionLimits;
import dev.ctr.criu.image.PageRun;
import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.criu.linux.Processes;
import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.ExportedLevels;
import dev.ctr.lifecycle.RestoreOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Containers whose memory is saved in levels while they run. */
@ResourceLock("host network")
final class PreCheckpointTest {
    private static final Optional<Duration> AT_ONCE = Optional.of(Duration.ZERO);

    private static CtrRoot root;
    private static Engine engine;

    @BeforeAll
    static void importImage() {
        assumeTrue(Commands.exists("perl"), "perl is not installed");
        root = CtrRoot.create();
        engine = root.engine(List.of());
        root.ctr("import", MemoryProgram.image(root.directory()).toString(), "memory");
    }

    @AfterEach
    void leaveNothing() {
        engine.containers().forEach(container -> container.remove(true, true, AT_ONCE));
        assertThat(root.leftovers()).isEmpty();
    }

    @AfterAll
    static void removeRoot() {
        if (root != null) {
            root.close();
        }
    }

    private static MemoryProgram run(String name) {
        return MemoryProgram.run(root, engine, "memory", name);
    }

    private static Container one() {
        return engine.container("one");
    }

    private static Path bundle() {
        return root.root().resolve("containers").resolve(one().id().hex()).resolve("bundle");
    }

    private static Path archive(String name) {
        return root.directory().resolve(name + ".tar");
    }

    private static CheckpointOptions preCheckpoint() {
        return new CheckpointOptions().preCheckpoint(true);
    }

    private static CheckpointOptions withPrevious() {
        return new CheckpointOptions().withPrevious(true);
    }

    private static CheckpointOptions lastLevel() {
        return withPrevious().exportedLevels(ExportedLevels.ONE).exportTo(archive("last"));
    }

    /** How many pages lie in the files of a dump or level. */
    private static long pagesIn(Path images) {
        try (Stream<Path> files = Files.list(images)) {
            return files.filter(file -> file.getFileName().toString().startsWith("pages-"))
                            .mapToLong(file -> file.toFile().length())
                            .sum()
                    / PageRun.PAGE_SIZE;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> levels() {
        try (Stream<Path> files = Files.list(bundle())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("pre-checkpoint"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void refuses(ThrowingCallable call, String... words) {
        assertThatThrownBy(call).isInstanceOf(EngineException.class).message().contains(words);
    }

    @Test
    @Upstream(20)
    void eachOfFiveLevelsHoldsWhatChangedAndAllOfThemTheMemory() throws IOException {
        MemoryProgram program = run("one");
        assertThat(root.ctr("checkpoint", "-P", "one")).isEqualTo("one");
        assertThat(pagesIn(bundle().resolve("pre-checkpoint"))).isGreaterThan(MemoryProgram.PAGES);
        for (int level = 2; level <= 5; level++) {
            program.set(1000 * level, 100 * level);
            one().checkpoint(preCheckpoint());
            assertThat(pagesIn(bundle().resolve("pre-checkpoint-" + level)))
                    .as("pages in level %d", level)
                    .isBetween(100L * level, 100L * level + MemoryProgram.WORKING_PAGES);
        }
        assertThat(one().state().status()).isEqualTo(ContainerStatus.RUNNING);
        assertThat(one().state().checkpointed()).isFalse();
        assertThat(root.ctr(
                                "events",
                                "--stream=false",
                                "--filter",
                                "event=checkpoint",
                                "--filter",
                                "container=" + one().id())
                        .lines())
                .hasSize(5);

        program.set(7000, 300);
        String digest = program.digest();
        String statistics = root.ctr("checkpoint", "--with-previous", "--print-stats", "one");
        long left = pagesIn(bundle().resolve("checkpoint"));
        assertThat(left).isBetween(300L, 300L + MemoryProgram.WORKING_PAGES);
        assertThat(statistics).contains("\"pages_written\": " + left);
        assertThat(Files.readSymbolicLink(bundle().resolve("checkpoint/parent")))
                .hasToString("../pre-checkpoint-5");

        one().restore(new RestoreOptions());
        assertThat(program.digest()).isEqualTo(digest);
        assertThat(levels()).isEmpty();
    }

    @Test
    @Upstream(21)
    void levelsComeFromArchivesInAnyOrderAndEachThatDoesNotFitIsNamed() throws IOException {
        MemoryProgram program = run("one");
        one().checkpoint(preCheckpoint().exportTo(archive("first")));
        program.fork();
        program.set(100, 100);
        one().checkpoint(preCheckpoint().exportTo(archive("second")));
        program.set(150, 100);
        one().checkpoint(preCheckpoint().exportTo(archive("third")));
        program.set(300, 100);
        String digest = program.digest();
        one().checkpoint(lastLevel());
        one().remove(false, true, AT_ONCE);
        ArchiveChain second = chainOf("second");
        assertThat(List.of(second.level(), second.lowest(), chainOf("last").lowest()))
                .containsExactly(2, 2, 4);
        assertThat(second.parent()).isPresent();
        assertThat(chainOf("last").id()).isEqualTo(second.id());
        run("two");
        engine.container("two").checkpoint(preCheckpoint().exportTo(archive("foreign")));
        engine.container("two").remove(true, true, AT_ONCE);

        refuses(() -> restoreLast(), "level 1 and level 2 and level 3 are in none");
        refuses(() -> restoreLast("third", "first"), "level 2 is in none", "--import-previous");
        refuses(() -> restoreLast("third", "second", "foreign"), "level 1 in " + archive("foreign"), "does not belong");
        refuses(() -> restoreLast("first", "last"), archive("last") + " holds no pre-checkpoint");
        refuses(() -> restoreLast("none"), "none.tar");
        flip(archive("second"));
        refuses(() -> restoreLast("first", "second", "third"), archive("second").toString());
        assertThat(root.leftovers()).isEmpty();
        flip(archive("second"));

        restoreLast("third", "first", "second");
        assertThat(program.digest()).isEqualTo(digest);
        assertThat(Processes.tree(ProcessIdentity.of(one().state().pid()).orElseThrow()))
                .hasSize(2);
    }

    private static ArchiveChain chainOf(String name) throws IOException {
        try (CheckpointArchiveReader archive = CheckpointArchiveReader.open(archive(name), ExtractionLimits.GENEROUS)) {
            return archive.verify().manifest().orElseThrow().chain().orElseThrow();
        }
    }

    private static void restoreLast(String... previous) {
        engine.restore(
                archive("last"),
                new RestoreOptions()
                        .importPrevious(Stream.of(previous)
                                .map(PreCheckpointTest::archive)
                                .toList()));
    }

    /** Changes a bit in the middle of a file. */
    private static void flip(Path file) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            long middle = bytes.length() / 2;
            bytes.seek(middle);
            int old = bytes.read();
            bytes.seek(middle);
            bytes.write(old ^ 1);
        }
    }

    @Test
    void aChainEndsWithTheRunOfTheProgram() {
        run("one");
        refuses(
                () -> one().checkpoint(withPrevious()),
                "stat " + bundle().resolve("pre-checkpoint") + ": no such file or directory");
        assertThat(root.run("checkpoint", "--with-previous", "-P", "one").failedWith(125))
                .contains("--with-previous can not be used with --pre-checkpoint");
        assertThat(root.run("checkpoint", "-P", "--tracker", "uffd-wp", "one").failedWith(125))
                .contains("does not have the tracker uffd-wp yet");
        one().checkpoint(preCheckpoint());
        root.ctr("checkpoint", "-P", "--tracker", "content", "one");
        assertThat(levels()).containsExactly("pre-checkpoint", "pre-checkpoint-2");

        // A checkpoint that rests on the chain keeps it, in whatever way the program ends.
        one().checkpoint(withPrevious().leaveRunning(true));
        assertThat(pagesIn(bundle().resolve("checkpoint"))).isLessThan(MemoryProgram.WORKING_PAGES);
        one().stop(AT_ONCE);
        assertThat(levels()).containsExactly("pre-checkpoint", "pre-checkpoint-2");
        one().restore(new RestoreOptions().keep(true));
        refuses(() -> one().checkpoint(withPrevious()), "no such file or directory");
        one().checkpoint(preCheckpoint());
        assertThat(levels()).containsExactly("pre-checkpoint");
        assertThat(bundle().resolve("checkpoint")).doesNotExist();
        one().stop(AT_ONCE);
        assertThat(levels()).isEmpty();
    }

    @Test
    void aLevelThatWasKilledOrDoesNotFitTheDiskLeavesTheOthersAsTheyWere() throws Exception {
        MemoryProgram program = run("one");
        one().checkpoint(preCheckpoint());
        program.set(0, MemoryProgram.PAGES);
        Process command = new ProcessBuilder(root.command("checkpoint", "-P", "one")).start();
        await().pollInterval(Duration.ofMillis(1))
                .atMost(Duration.ofSeconds(60))
                .until(() -> Files.exists(bundle().resolve("pre-checkpoint.incomplete/pages-1.img")));
        command.destroyForcibly().waitFor();
        one().sync();
        assertThat(levels()).containsExactly("pre-checkpoint");

        // No file may have more than 8 MiB, which fails as a full disk does.
        CommandResult full = Commands.run(
                Map.of(),
                Stream.concat(Stream.of("prlimit", "--fsize=8388608"), root.command("checkpoint", "-P", "one").stream())
                        .toList());
        assertThat(full.failedWith(125)).contains("cannot pre-checkpoint one", "the chain has 1 level as before");
        assertThat(levels()).containsExactly("pre-checkpoint");

        one().checkpoint(preCheckpoint());
        String digest = program.digest();
        one().checkpoint(withPrevious());
        one().restore(new RestoreOptions());
        assertThat(program.digest()).isEqualTo(digest);
    }

    @Test
    void podmanRestoresAChainFromTwoArchivesAndFromOne() {
        try (Podman podman = Podman.assumeUsable()) {
            Path image = root.directory().resolve("image.tar");
            podman.podman("import", "-q", root.directory().resolve("memory.tar").toString(), "common");
            podman.podman("save", "-q", "-o", image.toString(), "localhost/common:latest");
            root.ctr("load", "-i", image.toString());
            MemoryProgram program = MemoryProgram.run(root, engine, "common", "one");
            one().checkpoint(preCheckpoint().exportTo(archive("first")));
            program.set(100, 100);
            String first = program.digest();
            one().checkpoint(lastLevel().leaveRunning(true));
            MemoryProgram moved = program.at(script -> podman.run("exec", "one", "sh", "-c", "R=; " + script));
            podman.podman(
                    "container",
                    "restore",
                    "-i",
                    archive("last").toString(),
                    "--import-previous",
                    archive("first").toString());
            assertThat(moved.digest()).isEqualTo(first);
            podman.podman("rm", "-f", "-t", "0", "one");

            one().checkpoint(preCheckpoint());
            program.set(300, 100);
            String second = program.digest();
            one().checkpoint(withPrevious().compression(Compression.GZIP).exportTo(archive("whole")));
            moved = program.at(script -> podman.run("exec", "one", "sh", "-c", "R=; " + script));
            podman.podman("container", "restore", "-i", archive("whole").toString());
            assertThat(moved.digest()).isEqualTo(second);
        }
    }
}

package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.criu.image.PageRun;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Containers whose memory is saved in levels while they run. */
class PreCheckpointTest {
    private final CtrRoot root = CtrRoot.create();

    @BeforeEach
    void importImage() {
        assumeTrue(Commands.exists("perl"), "perl is not installed");
        root.ctr("import", MemoryProgram.image(root.directory()).toString(), "memory");
    }

    @AfterEach
    void leaveNothing() {
        root.close();
    }

    private MemoryProgram run(String name) {
        return MemoryProgram.run(root, "memory", name);
    }

    private Path bundle(String name) {
        return root.root()
                .resolve("containers")
                .resolve(root.ctr("inspect", "-f", "{{.Id}}", name))
                .resolve("bundle");
    }

    private String archive(String name) {
        return root.directory().resolve(name + ".tar").toString();
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

    private static List<String> levels(Path bundle) throws IOException {
        try (Stream<Path> files = Files.list(bundle)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("pre-checkpoint"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void eachOfFiveLevelsHoldsWhatChangedAndAllOfThemTheMemory() throws IOException {
        MemoryProgram program = run("one");
        Path bundle = bundle("one");
        for (int level = 1; level <= 5; level++) {
            program.set(1000 * level, 100 * level);
            assertThat(root.ctr("checkpoint", "-P", "one")).isEqualTo("one");
        }
        assertThat(root.ctr("inspect", "-f", "{{.State.Status}} {{.State.Checkpointed}}", "one"))
                .isEqualTo("running false");
        assertThat(root.ctr("events", "--stream=false", "--filter", "event=checkpoint")
                        .lines())
                .hasSize(5);
        assertThat(pagesIn(bundle.resolve("pre-checkpoint"))).isGreaterThan(MemoryProgram.PAGES);
        for (int level = 2; level <= 5; level++) {
            assertThat(pagesIn(bundle.resolve("pre-checkpoint-" + level)))
                    .as("pages in level %d", level)
                    .isBetween(100L * level, 100L * level + MemoryProgram.WORKING_PAGES);
        }

        program.set(7000, 300);
        String digest = program.digest();
        String statistics = root.ctr("checkpoint", "--with-previous", "--print-stats", "one");
        long left = pagesIn(bundle.resolve("checkpoint"));
        assertThat(left).isBetween(300L, 300L + MemoryProgram.WORKING_PAGES);
        assertThat(statistics).contains("\"pages_written\": " + left);
        assertThat(Files.readSymbolicLink(bundle.resolve("checkpoint/parent"))).hasToString("../pre-checkpoint-5");

        root.ctr("restore", "one");
        assertThat(program.digest()).isEqualTo(digest);
        assertThat(levels(bundle)).isEmpty();
    }

    @Test
    void levelsComeFromArchivesInAnyOrderAndEachThatDoesNotFitIsNamed() throws IOException {
        MemoryProgram program = run("one");
        root.ctr("checkpoint", "-P", "-e", archive("first"), "one");
        program.fork();
        program.set(100, 100);
        root.ctr("checkpoint", "-P", "-e", archive("second"), "one");
        program.set(150, 100);
        root.ctr("checkpoint", "--pre-checkpoint", "--export", archive("third"), "one");
        program.set(300, 100);
        String digest = program.digest();
        String tree = root.ctr("top", "one", "pid");
        root.ctr("checkpoint", "--with-previous", "--export-levels", "one", "-e", archive("last"), "one");
        root.ctr("rm", "one");
        run("two");
        root.ctr("checkpoint", "-P", "-e", archive("foreign"), "two");
        root.ctr("rm", "-f", "-t", "0", "two");

        refuses(root.run("restore", "-i", archive("last")), "level 1 and level 2 and level 3 are in none");
        refuses(restoreWith("third", "first"), "level 2 is in none", "--import-previous");
        refuses(restoreWith("third", "second", "foreign"), "level 1 in " + archive("foreign"), "does not belong");
        refuses(restoreWith("third", "second", "first", "last"), archive("last") + " holds no pre-checkpoint");
        refuses(restoreWith("third", "second", "first", "none"), "none.tar");
        assertThat(root.leftovers()).isEmpty();

        restoreWith("third", "first", "second").succeeded();
        assertThat(program.digest()).isEqualTo(digest);
        assertThat(root.ctr("top", "one", "pid").lines())
                .hasSameSizeAs(tree.lines().toList());
    }

    private CommandResult restoreWith(String... previous) {
        String[] arguments = new String[3 + 2 * previous.length];
        arguments[0] = "restore";
        arguments[1] = "-i";
        arguments[2] = archive("last");
        for (int i = 0; i < previous.length; i++) {
            arguments[3 + 2 * i] = "--import-previous";
            arguments[4 + 2 * i] = archive(previous[i]);
        }
        return root.run(arguments);
    }

    private static void refuses(CommandResult result, String... words) {
        assertThat(result.failedWith(125)).contains(words);
    }

    @Test
    void aChainEndsWithTheRunOfTheProgram() throws IOException {
        run("one");
        Path bundle = bundle("one");
        refuses(
                root.run("checkpoint", "--with-previous", "one"),
                "stat " + bundle.resolve("pre-checkpoint") + ": no such file or directory");
        refuses(
                root.run("checkpoint", "--with-previous", "-P", "one"),
                "--with-previous can not be used with --pre-checkpoint");
        refuses(root.run("checkpoint", "-P", "--tracker", "uffd-wp", "one"), "does not have the tracker uffd-wp yet");
        root.ctr("checkpoint", "-P", "one");
        root.ctr("checkpoint", "-P", "--tracker", "content", "one");
        assertThat(levels(bundle)).containsExactly("pre-checkpoint", "pre-checkpoint-2");

        // A checkpoint that rests on the chain keeps it, in whatever way the program ends.
        root.ctr("checkpoint", "--with-previous", "--leave-running", "one");
        assertThat(pagesIn(bundle.resolve("checkpoint"))).isLessThan(MemoryProgram.WORKING_PAGES);
        root.ctr("stop", "-t", "0", "one");
        assertThat(levels(bundle)).containsExactly("pre-checkpoint", "pre-checkpoint-2");
        root.ctr("restore", "--keep", "one");
        refuses(root.run("checkpoint", "--with-previous", "one"), "no such file or directory");
        root.ctr("checkpoint", "-P", "one");
        assertThat(levels(bundle)).containsExactly("pre-checkpoint");
        assertThat(bundle.resolve("checkpoint")).doesNotExist();
        root.ctr("stop", "-t", "0", "one");
        assertThat(levels(bundle)).isEmpty();
    }

    @Test
    void aLevelThatWasKilledOrDoesNotFitTheDiskLeavesTheOthersAsTheyWere() throws Exception {
        MemoryProgram program = run("one");
        Path bundle = bundle("one");
        root.ctr("checkpoint", "-P", "one");
        program.set(0, MemoryProgram.PAGES);
        Process command = new ProcessBuilder(root.command("checkpoint", "-P", "one"))
                .redirectErrorStream(true)
                .start();
        await().pollInterval(Duration.ofMillis(1))
                .atMost(Duration.ofSeconds(60))
                .until(() -> Files.exists(bundle.resolve("pre-checkpoint.incomplete/pages-1.img")));
        command.destroyForcibly().waitFor();
        root.ctr("exec", "one", "true");
        assertThat(levels(bundle)).containsExactly("pre-checkpoint");

        // Files may have 8 MiB at most: as if the disk were full there.
        CommandResult full = Commands.run(
                Map.of(),
                Stream.concat(Stream.of("prlimit", "--fsize=8388608"), root.command("checkpoint", "-P", "one").stream())
                        .toList());
        refuses(full, "cannot pre-checkpoint one", "the chain has 1 level as before");
        assertThat(levels(bundle)).containsExactly("pre-checkpoint");

        root.ctr("checkpoint", "-P", "one");
        String digest = program.digest();
        root.ctr("checkpoint", "--with-previous", "one");
        root.ctr("restore", "one");
        assertThat(program.digest()).isEqualTo(digest);
    }

    @Test
    void aLevelWithAChangedByteIsRefused() throws IOException {
        MemoryProgram program = run("one");
        root.ctr("checkpoint", "-P", "-c", "none", "-e", archive("first"), "one");
        program.set(100, 100);
        root.ctr("checkpoint", "--with-previous", "--export-levels", "one", "-e", archive("last"), "one");
        root.ctr("rm", "one");
        try (RandomAccessFile file = new RandomAccessFile(archive("first"), "rw")) {
            file.seek(file.length() / 2);
            int old = file.read();
            file.seek(file.length() / 2);
            file.write(old ^ 1);
        }
        refuses(restoreWith("first"), archive("first"));
        assertThat(root.leftovers()).isEmpty();
    }

    @Test
    void podmanRestoresAChainFromTwoArchivesAndFromOne() {
        try (Podman podman = Podman.assumeUsable()) {
            Path image = root.directory().resolve("image.tar");
            podman.podman("import", "-q", root.directory().resolve("memory.tar").toString(), "memory");
            podman.podman("save", "-q", "-o", image.toString(), "localhost/memory:latest");
            root.ctr("rmi", "memory");
            root.ctr("load", "-i", image.toString());
            MemoryProgram program = run("one");
            root.ctr("checkpoint", "-P", "-e", archive("base"), "one");
            program.set(100, 100);
            String first = program.digest();
            root.ctr("checkpoint", "-R", "--with-previous", "--export-levels", "one", "-e", archive("last"), "one");
            MemoryProgram moved = program.at(script -> podman.run("exec", "one", "sh", "-c", "R=; " + script));
            podman.podman("container", "restore", "-i", archive("last"), "--import-previous", archive("base"));
            assertThat(moved.digest()).isEqualTo(first);
            podman.podman("rm", "-f", "-t", "0", "one");

            program.set(200, 100);
            root.ctr("checkpoint", "-P", "one");
            program.set(300, 100);
            String second = program.digest();
            root.ctr("checkpoint", "--with-previous", "-e", archive("whole"), "one");
            moved = program.at(script -> podman.run("exec", "one", "sh", "-c", "R=; " + script));
            podman.podman("container", "restore", "-i", archive("whole"));
            assertThat(moved.digest()).isEqualTo(second);
        }
    }
}

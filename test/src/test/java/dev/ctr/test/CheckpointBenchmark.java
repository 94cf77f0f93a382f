package dev.ctr.test;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.RestoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/**
 * How long a checkpoint into an archive and a restore from it take, and how big the archive is, beside podman on the same
 * containers in the same run: medians and ratios. The workload is a Redis with memory and files of which a compressor saves half.
 * The engine is measured twice: by the command, which starts a Java each time, and by the library in this Java, which has done
 * it before, as a backup program or an agent has. Not part of the tests; {@code -Dtest=CheckpointBenchmark} runs it.
 */
class CheckpointBenchmark {
    private static final int ROUNDS = Integer.getInteger("ctr.benchmark.rounds", 5);
    private static final int ROUNDS_TO_WARM_UP = 4;
    private static final long MIB = 1 << 20;
    private static final String ADDRESS = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";

    private final StringBuilder table = new StringBuilder(
            "%-48s %8s %8s %8s %8s %8s%n".formatted("", "podman", "ctr", "ratio", "library", "ratio"));

    /** What checkpoints and restores the container named redis. */
    private interface Contender {
        /** Runs a command of the program, and returns its output. */
        String run(String... words);

        void checkpoint(Path archive);

        void restore(Path archive);
    }

    /** A program, and the words that it puts before these two verbs. */
    private record Program(Function<String[], CommandResult> command, List<String> verbPrefix) implements Contender {
        @Override
        public String run(String... words) {
            return command.apply(words).succeeded();
        }

        @Override
        public void checkpoint(Path archive) {
            verb("checkpoint", "-e", archive.toString(), "redis");
        }

        @Override
        public void restore(Path archive) {
            verb("restore", "-i", archive.toString());
        }

        private void verb(String... words) {
            List<String> line = new ArrayList<>(verbPrefix);
            line.addAll(List.of(words));
            run(line.toArray(String[]::new));
        }
    }

    /** The library, on the root of the command; each call opens the engine anew. */
    private record Library(CtrRoot root) implements Contender {
        @Override
        public String run(String... words) {
            return root.ctr(words);
        }

        @Override
        public void checkpoint(Path archive) {
            root.engine().container("redis").checkpoint(new CheckpointOptions().exportTo(archive));
        }

        @Override
        public void restore(Path archive) {
            root.engine().restore(archive, new RestoreOptions());
        }
    }

    /** What one checkpoint and its restore took. */
    private record Round(double checkpointMillis, double archiveMib, double restoreMillis) {}

    @Test
    void checkpointsBesidePodman() throws IOException {
        assumeTrue(Commands.exists("redis-server"), "redis-server is not installed");
        try (CtrRoot root = CtrRoot.create();
                Podman podman = Podman.assumeUsable()) {
            Path image = Redis.image(root.directory());
            Path archive = root.directory().resolve("benchmark.tar.zst");
            Program ctr = new Program(root::run, List.of());
            Program peer = new Program(podman::run, List.of("container"));
            Library library = new Library(root);
            ctr.run("import", image.toString(), "redis");
            peer.run("import", "-q", image.toString(), "redis");
            for (int i = 0; i < ROUNDS_TO_WARM_UP; i++) {
                round(64, 1, library, archive);
            }
            List<Contender> contenders = List.of(peer, ctr, library);
            compare("64 MiB of memory", 64, 0, contenders, archive);
            compare("64 MiB of memory, 200 MiB of files", 64, 200, contenders, archive);
            compare("1 GiB of memory", 1024, 0, contenders, archive);
        }
        System.out.print(table);
    }

    private void compare(String what, int memoryMib, int filesMib, List<Contender> contenders, Path archive)
            throws IOException {
        Map<Contender, List<Round>> rounds = new LinkedHashMap<>();
        for (int i = 0; i < ROUNDS; i++) {
            for (Contender contender : contenders) {
                rounds.computeIfAbsent(contender, first -> new ArrayList<>())
                        .add(round(memoryMib, filesMib, contender, archive));
            }
        }
        row(what + ": checkpoint -e, ms", rounds.values(), Round::checkpointMillis);
        row(what + ": archive, MiB", rounds.values(), Round::archiveMib);
        row(what + ": restore -i, ms", rounds.values(), Round::restoreMillis);
    }

    private void row(String what, Collection<List<Round>> rounds, ToDoubleFunction<Round> figure) {
        double[] medians =
                rounds.stream().mapToDouble(those -> median(those, figure)).toArray();
        table.append("%-48s %8.0f %8.0f %8.2f %8.0f %8.2f%n"
                .formatted(what, medians[0], medians[1], medians[1] / medians[0], medians[2], medians[2] / medians[0]));
    }

    private static double median(List<Round> rounds, ToDoubleFunction<Round> figure) {
        double[] figures = rounds.stream().mapToDouble(figure).sorted().toArray();
        return figures[figures.length / 2];
    }

    private static Round round(int memoryMib, int filesMib, Contender engine, Path archive) throws IOException {
        List<String> run = new ArrayList<>(List.of("run", "-d", "--name", "redis", "redis"));
        run.addAll(Redis.COMMAND);
        engine.run(run.toArray(String[]::new));
        try (Redis.Client client = Redis.connect(engine.run("inspect", "-f", ADDRESS, "redis"))) {
            client.fill(memoryMib * MIB);
        }
        String write = "for i in $(seq " + filesMib + "); do head -c 524288 /dev/urandom > /data/$i;"
                + " head -c 524288 /dev/zero >> /data/$i; done";
        engine.run("exec", "redis", "sh", "-c", write);
        double checkpoint = millis(() -> engine.checkpoint(archive));
        double size = (double) Files.size(archive) / MIB;
        engine.run("rm", "redis");
        double restore = millis(() -> engine.restore(archive));
        Redis.connect(engine.run("inspect", "-f", ADDRESS, "redis")).close();
        engine.run("rm", "-f", "-t", "0", "redis");
        Files.delete(archive);
        return new Round(checkpoint, size, restore);
    }

    private static double millis(Runnable action) {
        long before = System.nanoTime();
        action.run();
        return (System.nanoTime() - before) / 1e6;
    }
}

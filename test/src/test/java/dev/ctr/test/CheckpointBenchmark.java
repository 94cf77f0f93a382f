package dev.ctr.test;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * How long a checkpoint into an archive and a restore from it take, and how big the archive is, beside podman on the same
 * containers in the same run: medians and ratios. The workload is a Redis with memory and files of which a compressor saves half.
 * Not part of the tests; {@code -Dtest=CheckpointBenchmark} runs it.
 */
class CheckpointBenchmark {
    private static final int ROUNDS = Integer.getInteger("ctr.benchmark.rounds", 5);
    private static final long MIB = 1 << 20;
    private static final String ADDRESS = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";

    private final StringBuilder table =
            new StringBuilder("%-52s %10s %10s %8s%n".formatted("", "ctr", "podman", "ratio"));

    /** One of the two engines: what runs a command of it, and the words that podman puts before these two verbs. */
    private record Program(Function<String[], CommandResult> command, List<String> verbPrefix, Path directory) {
        String run(List<String> words) {
            return command.apply(words.toArray(String[]::new)).succeeded();
        }

        String run(String... words) {
            return run(List.of(words));
        }

        String verb(String... words) {
            List<String> line = new ArrayList<>(verbPrefix);
            line.addAll(List.of(words));
            return run(line);
        }

        Path archive() {
            return directory.resolve("benchmark.tar.zst");
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
            Program ctr = new Program(root::run, List.of(), root.directory());
            Program peer = new Program(podman::run, List.of("container"), podman.directory());
            ctr.run("import", image.toString(), "redis");
            peer.run("import", "-q", image.toString(), "redis");
            compare("64 MiB of memory", 64, 0, ctr, peer);
            compare("64 MiB of memory, 200 MiB of files", 64, 200, ctr, peer);
            compare("1 GiB of memory", 1024, 0, ctr, peer);
        }
        System.out.print(table);
    }

    private void compare(String what, int memoryMib, int filesMib, Program ctr, Program peer) throws IOException {
        Round[] own = new Round[ROUNDS];
        Round[] peers = new Round[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            own[i] = round(memoryMib, filesMib, ctr);
            peers[i] = round(memoryMib, filesMib, peer);
        }
        row(what + ": checkpoint -e, ms", own, peers, Round::checkpointMillis);
        row(what + ": archive, MiB", own, peers, Round::archiveMib);
        row(what + ": restore -i, ms", own, peers, Round::restoreMillis);
    }

    private void row(String what, Round[] own, Round[] peers, Function<Round, Double> figure) {
        double mine = median(own, figure);
        double theirs = median(peers, figure);
        table.append("%-52s %10.0f %10.0f %8.2f%n".formatted(what, mine, theirs, mine / theirs));
    }

    private static double median(Round[] rounds, Function<Round, Double> figure) {
        double[] figures =
                Arrays.stream(rounds).mapToDouble(figure::apply).sorted().toArray();
        return figures[figures.length / 2];
    }

    private static Round round(int memoryMib, int filesMib, Program engine) throws IOException {
        List<String> run = new ArrayList<>(List.of("run", "-d", "--name", "redis", "redis"));
        run.addAll(Redis.COMMAND);
        engine.run(run);
        try (Redis.Client client = Redis.connect(engine.run("inspect", "-f", ADDRESS, "redis"))) {
            client.fill(memoryMib * MIB);
        }
        String write = "for i in $(seq " + filesMib + "); do head -c 524288 /dev/urandom > /data/$i;"
                + " head -c 524288 /dev/zero >> /data/$i; done";
        engine.run("exec", "redis", "sh", "-c", write);
        String archive = engine.archive().toString();
        double checkpoint = millis(() -> engine.verb("checkpoint", "-e", archive, "redis"));
        double size = (double) Files.size(engine.archive()) / MIB;
        engine.run("rm", "redis");
        double restore = millis(() -> engine.verb("restore", "-i", archive));
        Redis.connect(engine.run("inspect", "-f", ADDRESS, "redis")).close();
        engine.run("rm", "-f", "-t", "0", "redis");
        Files.delete(engine.archive());
        return new Round(checkpoint, size, restore);
    }

    private static double millis(Runnable action) {
        long before = System.nanoTime();
        action.run();
        return (System.nanoTime() - before) / 1e6;
    }
}

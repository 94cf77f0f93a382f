package dev.ctr.test;

import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.Engine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * How long commands take, beside podman on the same machine in the same run: medians, the ratio, and the ratio without what any
 * {@code ctr} command needs to start its Java virtual machine. Not part of the tests; {@code -Dtest=CommandBenchmark} runs it.
 */
class CommandBenchmark {
    private static final int ROUNDS = Integer.getInteger("ctr.benchmark.rounds", 9);
    private static final int CONTAINERS = Integer.getInteger("ctr.benchmark.containers", 200);

    private final StringBuilder table = new StringBuilder(
            "%-34s %10s %10s %8s %15s%n".formatted("", "ctr ms", "podman ms", "ratio", "beyond the JVM"));

    /** Runs a command with these arguments. */
    @FunctionalInterface
    private interface Program extends Function<String[], CommandResult> {}

    @Test
    void commandsBesidePodman() {
        try (CtrRoot root = CtrRoot.create().withBusybox();
                Podman podman = Podman.assumeUsable()) {
            Program ctr = root::run;
            double start = median(ctr, "version");
            compare("version", start, ctr, podman::run, "version");
            compare("run, to its end", start, ctr, podman::run, run("--network", "none"));
            compare("run in a network, to its end", start, ctr, podman::run, run());
            keepRunning(ctr);
            keepRunning(podman::run);
            compare("exec true", start, ctr, podman::run, "exec", "kept", "true");
            compare("inspect", start, ctr, podman::run, "inspect", "kept");
            createMany(root);
            createMany(podman);
            compare("ps -a, " + CONTAINERS + " containers", start, ctr, podman::run, "ps", "-a");
        }
        System.out.print(table);
    }

    private static String[] run(String... options) {
        List<String> command = new ArrayList<>(List.of("run", "--rm"));
        command.addAll(List.of(options));
        command.addAll(List.of("bb", "echo", "first output"));
        return command.toArray(String[]::new);
    }

    private static void keepRunning(Program engine) {
        engine.apply(new String[] {"run", "-d", "--name", "kept", "--network", "none", "bb", "sleep", "1000"})
                .succeeded();
    }

    private static void createMany(CtrRoot root) {
        Engine engine = root.engine(List.of());
        for (int i = 0; i < CONTAINERS; i++) {
            engine.create(CreateOptions.fromImage("bb").network("none").command(List.of("true")));
        }
    }

    private static void createMany(Podman podman) {
        for (int i = 0; i < CONTAINERS; i++) {
            podman.podman("create", "--network", "none", "bb", "true");
        }
    }

    private void compare(String what, double start, Program ctr, Program podman, String... command) {
        double own = median(ctr, command);
        double peers = median(podman, command);
        table.append("%-34s %10.0f %10.0f %8.2f %15.2f%n"
                .formatted(what, own, peers, own / peers, Math.max(0, own - start) / peers));
    }

    private static double median(Program engine, String... command) {
        double[] millis = new double[ROUNDS];
        engine.apply(command).succeeded();
        for (int i = 0; i < ROUNDS; i++) {
            long before = System.nanoTime();
            engine.apply(command).succeeded();
            millis[i] = Duration.ofNanos(System.nanoTime() - before).toNanos() / 1e6;
        }
        Arrays.sort(millis);
        return millis[ROUNDS / 2];
    }
}

package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Many threads and many processes make every call on one container, and create and remove others in the same root. The system
 * properties {@code ctr.hammer.seconds} and {@code ctr.hammer.seed} say for how long and with which choices.
 */
@Isolated
class HammerTest {
    private static final int THREADS = 20;
    private static final int PROCESSES = 20;
    private static final long SECONDS = Long.getLong("ctr.hammer.seconds", 60);
    private static final long SEED = Long.getLong("ctr.hammer.seed", 1);
    /** How long a call that was begun at the end may take: it may wait for all others. */
    private static final long PATIENCE_SECONDS = 180;

    @Test
    void nobodyWaitsForEverAndNothingIsLeft() throws Exception {
        try (CtrRoot root = CtrRoot.create()) {
            Path rootfs = Busybox.layOut(root.directory().resolve("rootfs"));
            Engine engine = root.engine(exitCommand());
            Container container = engine.create(CreateOptions.fromRootfs(rootfs, true)
                    .name(Hammer.NAME)
                    .network("none")
                    .command(List.of("sleep", "1000")));
            List<Process> processes = startProcesses(root, rootfs);
            ExecutorService threads = Executors.newFixedThreadPool(THREADS);
            try {
                List<Future<Integer>> results = new ArrayList<>();
                for (int i = 0; i < THREADS; i++) {
                    Hammer hammer = new Hammer(engine, rootfs, SEED * 1000 + i, Duration.ofSeconds(SECONDS));
                    results.add(threads.submit(hammer));
                }
                for (Future<Integer> result : results) {
                    assertThat(result.get(SECONDS + PATIENCE_SECONDS, TimeUnit.SECONDS))
                            .as("calls of a thread")
                            .isPositive();
                }
                for (Process process : processes) {
                    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                            .as("a process ends")
                            .isTrue();
                }
            } finally {
                threads.shutdownNow();
                processes.forEach(Process::destroyForcibly);
            }

            assertThat(Files.readString(root.directory().resolve("errors"))).isEmpty();
            container.inspect();
            container.remove(true, true, Optional.of(Duration.ZERO));
            assertThat(engine.containers()).isEmpty();
        }
    }

    private static List<String> exitCommand() {
        return List.of(CtrRoot.launcher().toString());
    }

    private static List<Process> startProcesses(CtrRoot root, Path rootfs) throws Exception {
        List<Process> processes = new ArrayList<>();
        Path errors = Files.createFile(root.directory().resolve("errors"));
        for (int i = 0; i < PROCESSES; i++) {
            ProcessBuilder builder = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx64m",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Hammer.class.getName(),
                            root.directory().toString(),
                            rootfs.toString(),
                            Long.toString(SEED * 1000 + THREADS + i),
                            Long.toString(SECONDS))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()));
            builder.environment().putAll(Map.of("LC_ALL", "C.UTF-8"));
            processes.add(builder.start());
        }
        return processes;
    }
}

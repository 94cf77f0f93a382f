package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** {@code demo.sh} as people run it, but for the set-up, and in a directory of the test's. */
class DemoTest {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final long PATIENCE_SECONDS = 300;

    @TempDir
    private Path directory;

    private @Nullable Process demo;

    @BeforeEach
    void assumeHosts() {
        assumeTrue(TestHosts.canRun(), "network namespaces with bridges and iptables are not to be had");
        assumeTrue(Commands.exists("redis-server"), "redis-server is not installed");
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        if (demo != null) {
            demo.destroy();
            demo.waitFor();
        }
        assertThat(directory)
                .isDirectoryNotContaining(file -> file.getFileName().toString().startsWith("ctr-demo"));
        assertThat(ProcessHandle.allProcesses()
                        .map(process -> process.info().commandLine().orElse(""))
                        .filter(line -> line.contains(directory.toString())))
                .isEmpty();
        try (Stream<Path> groups = Files.walk(CGROUPS, 2)) {
            assertThat(groups.map(group -> group.getFileName().toString()))
                    .noneMatch(name -> name.startsWith("ctr-demo"));
        }
    }

    private Process start() throws IOException {
        Path script = CtrRoot.launcher().resolveSibling("demo.sh");
        demo = Commands.start(
                Map.of("TMPDIR", directory.toString()),
                List.of("unshare", "--net", "bash", script.toString(), "--isolated"),
                directory.resolve("out"),
                directory.resolve("err"));
        return demo;
    }

    private String output() throws IOException {
        return Files.readString(directory.resolve("out")) + Files.readString(directory.resolve("err"));
    }

    @Test
    void aRedisMigratesBeforeEverybodysEyes() throws Exception {
        Process running = start();
        assertThat(running.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(running.exitValue()).as(output()).isZero();
        assertThat(output())
                .contains("A $ ctr migrate redis --to")
                .contains("✓ it is the same TCP connection, by both ends")
                .contains("As promised: Redis moved to another host");
    }

    @Test
    @EnabledIfSystemProperty(named = "ctr.migration.all", matches = "true")
    void whoInterruptsItFindsNothingLeft() throws Exception {
        Process running = start();
        Awaitility.await()
                .atMost(Duration.ofSeconds(PATIENCE_SECONDS))
                .until(() -> output().contains("A $ ctr migrate redis"));
        running.destroy();
        assertThat(running.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(running.exitValue()).isEqualTo(130);
    }
}

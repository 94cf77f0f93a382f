package dev.ctr.criu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.criu.linux.ChildProcess;
import dev.ctr.criu.linux.ProcessLaunch;
import dev.ctr.criu.linux.ProgramOutput;
import dev.ctr.criu.linux.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CriuTest {
    private static final Map<String, String> ENVIRONMENT = Map.of("PATH", Criu.searchPath(""));

    @TempDir
    Path directory;

    private Criu criu;

    @BeforeEach
    void find() throws Exception {
        Optional<Criu> found = Criu.find();
        assumeTrue(found.isPresent(), "needs CRIU");
        criu = found.get();
        assumeTrue(criu.missingEssentials().isEmpty(), "needs a CRIU that can dump on this kernel");
    }

    @Test
    void saysItsVersion() throws Exception {
        assertThat(criu.version().isAtLeast(3, 0)).isTrue();
        assertThat(run("--version").stdout()).contains("Version: " + criu.version());
    }

    @Test
    void supportsWhatItSupportsAndNothingUnknown() throws Exception {
        Set<String> asked = Set.of("mnt_id", "no_such_feature", "uffd", "pidfd_store", "mem_dirty_track");

        Set<String> supported = criu.supported(asked);

        for (String feature : asked) {
            assertThat(supported.contains(feature))
                    .as(feature)
                    .isEqualTo(run("check", "--feature", feature).succeeded())
                    .isEqualTo(criu.supports(feature));
        }
        assertThat(supported).contains("mnt_id").doesNotContain("no_such_feature");
    }

    @Test
    void aProgramThatIsNotCriuIsAnError() {
        assertThatThrownBy(() -> Criu.at(Path.of("/bin/true")).version())
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("/bin/true --version does not print a version");
    }

    @Test
    void understandsAConfigurationFileWithEveryKindOfValue() throws Exception {
        Path log = directory.resolve("it's\"#1=.log");
        Path file = directory.resolve("criu.conf");
        new CriuConfigurationFile()
                .with("tcp-close")
                .with("verbosity", "4")
                .with("manage-cgroups", "soft")
                .with("ghost-limit", "64M")
                .with("log-file", log.toString())
                .write(file);

        assertThat(run("check", "--config", file.toString())).matches(ProgramOutput::succeeded);

        assertThat(log).content().contains("Parsing config file", "Version:");
    }

    @Test
    void leavesStatisticsOfADumpAndARestoreAndALogWithoutADecisiveError() throws Exception {
        Path images = Files.createDirectory(directory.resolve("images"));
        Path work = Files.createDirectory(directory.resolve("work"));
        ChildProcess sleep = new ProcessLaunch(List.of("sleep", "1000"), ENVIRONMENT)
                .newSession()
                .directory(Path.of("/"))
                .start();
        try {
            String pid = Long.toString(sleep.pid());
            assertThat(run("dump", "-t", pid, "-D", images.toString(), "-v4", "-o", "dump.log", "--leave-running")
                            .status())
                    .isZero();
            // CRIU gives its children the old numbers, so the old process must be gone.
        } finally {
            sleep.kill(9);
            sleep.waitFor();
        }
        assertThat(run(
                                "restore",
                                "-D",
                                images.toString(),
                                "-W",
                                work.toString(),
                                "-v4",
                                "-o",
                                "restore.log",
                                "-d",
                                "--pidfile",
                                "pid")
                        .status())
                .isZero();
        ProcessHandle.of(Long.parseLong(Files.readString(work.resolve("pid")).strip()))
                .orElseThrow()
                .destroyForcibly();

        DumpStatistics dump = CriuStatistics.readDump(images.resolve(CriuStatistics.DUMP_FILE));
        assertThat(dump.frozenMicros()).isBetween(1L, 60_000_000L).isGreaterThanOrEqualTo(dump.memoryDumpMicros());
        assertThat(dump.pagesWritten()).isPositive().isLessThanOrEqualTo(dump.pagesScanned());
        RestoreStatistics restore = CriuStatistics.readRestore(work.resolve(CriuStatistics.RESTORE_FILE));
        assertThat(restore.restoreMicros()).isPositive().isGreaterThanOrEqualTo(restore.forkingMicros());
        assertThat(restore.pagesRestored()).isEqualTo(dump.pagesWritten());
        assertThat(CriuLog.decisiveLines(images.resolve("dump.log"))).isEmpty();
        assertThat(CriuLog.decisiveLines(work.resolve("restore.log"))).isEmpty();
    }

    @Test
    void aFailedDumpsLogSaysWhy() throws Exception {
        assertThat(run("dump", "-t", "4194305", "-D", directory.toString(), "-o", "dump.log")
                        .succeeded())
                .isFalse();

        assertThat(CriuLog.decisiveLines(directory.resolve("dump.log")))
                .isNotEmpty()
                .noneMatch(line -> line.contains("FAILED") || line.contains("RLIMIT_NOFILE"));
    }

    private ProgramOutput run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(criu.path().toString());
        command.addAll(Arrays.asList(arguments));
        return Programs.run(command, ENVIRONMENT, Duration.ofSeconds(30));
    }
}

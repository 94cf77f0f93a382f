package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Where containers' output is kept, and how it is read. */
final class LogDriverTest {
    private static CtrRoot root;

    @BeforeAll
    static void importBusybox() {
        root = CtrRoot.create().withBusybox();
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    @Test
    void aLogFileBeginsAnewWhenItIsLargeAndAFollowerGoesOn() throws Exception {
        Path log = root.directory().resolve("rotated.log");
        String script = "i=0; while [ $i -lt 600 ]; do i=$((i+1)); echo line $i; [ $((i % 20)) = 0 ] && sleep 0.1; done";
        root.ctr("create", "--name", "rotated", "--network", "none", "--log-driver", "json-file", "--log-opt",
                "max-size=4kb", "--log-opt", "path=" + log, "bb", "sh", "-c", script);
        Path output = Files.createTempFile("ctr-test-", ".follow");
        Process follower = null;
        try {
            root.ctr("start", "rotated");
            follower = Commands.start(
                    Map.of(), root.command("logs", "-f", "rotated"), output, root.directory().resolve("follow.err"));
            assertThat(follower.waitFor(60, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
            List<String> followed = Files.readAllLines(output);
            assertThat(followed).endsWith("line 598", "line 599", "line 600").hasSizeGreaterThan(100);
            assertThat(Files.size(log)).isLessThan(5000);
            assertThat(root.ctr("logs", "--tail", "2", "rotated").lines()).containsExactly("line 599", "line 600");
            assertThat(root.ctr("inspect", "-f", "{{.HostConfig.LogConfig.Type}} {{.HostConfig.LogConfig.Path}} "
                            + "{{.HostConfig.LogConfig.Size}}", "rotated"))
                    .isEqualTo("json-file " + log + " 4.096kB");
        } finally {
            if (follower != null) {
                follower.destroyForcibly();
            }
            Files.deleteIfExists(output);
        }
    }

    @Test
    void outputPassesThroughOrIsKeptNowhere() {
        CommandResult passed = root.run("run", "--name", "passed", "--network", "none", "--log-driver", "passthrough",
                "bb", "sh", "-c", "echo out; echo err >&2; exit 3");
        assertThat(passed.exitCode()).isEqualTo(3);
        assertThat(passed.output()).isEqualTo("out\n");
        assertThat(passed.errors()).isEqualTo("err\n");
        assertThat(root.run("logs", "passed").failedWith(125)).contains("'passthrough' log driver, cannot read logs");
        assertThat(root.ctr("run", "--name", "silent", "--network", "none", "--log-driver", "none", "bb", "echo", "x"))
                .isEqualTo("x");
        assertThat(root.run("logs", "silent").failedWith(125)).contains("'none' log driver, cannot read logs");
    }

    @Test
    void logsOfSeveralContainersAreToldApart() throws IOException {
        String script = "echo one; echo two >&2";
        root.ctr("run", "--name", "first", "--network", "none", "bb", "sh", "-c", script);
        root.ctr("run", "--name", "second", "--network", "none", "bb", "sh", "-c", script);
        CommandResult both = root.run("logs", "--names", "--tail", "5", "first", "second");
        assertThat(both.output().lines()).containsExactly("first one", "second one");
        assertThat(both.errors().lines()).containsExactly("first two", "second two");
        String id = root.ctr("inspect", "-f", "{{.Id}}", "second").substring(0, 12);
        assertThat(root.run("logs", "--color", "first", "second").output())
                .contains("\u001b[31m" + id + " one\u001b[0m\n");
        CommandResult followed = root.run("logs", "-f", "-n", "first", "second");
        assertThat(followed.output().lines()).containsExactlyInAnyOrder("first one", "second one");
        assertThat(root.ctr("logs", "--until", "2000-01-01T00:00:00Z", "first")).isEmpty();
        assertThat(root.ctr("logs", "--since", "1h", "-t", "first")).matches("\\d{4}-\\d\\d-\\d\\dT\\S+ one");
    }

    @Test
    void theJournalIsWrittenAndRead() throws Exception {
        assumeTrue(Files.exists(Path.of("/run/systemd/journal/socket")), "no journal runs on this host");
        root.ctr("run", "--name", "journaled", "--network", "none", "--log-driver", "journald", "--log-opt", "tag=t",
                "bb", "sh", "-c", "echo out; echo err >&2");
        for (int attempt = 0; attempt < 100 && root.run("logs", "journaled").output().isEmpty(); attempt++) {
            Thread.sleep(50);
        }
        CommandResult logs = root.run("logs", "journaled");
        assertThat(logs.output()).isEqualTo("out\n");
        assertThat(logs.errors()).isEqualTo("err\n");
    }

    @Test
    void driversAndOptionsThatDoNotFitAreRefused() {
        assertThat(root.run("create", "--log-driver", "bogus", "bb", "true").failedWith(125))
                .contains("\"bogus\" is not a log driver");
        assertThat(root.run("create", "--log-opt", "tag=x", "bb", "true").failedWith(125)).contains("has no tags");
        assertThat(root.run("create", "--log-driver", "none", "--log-opt", "max-size=1m", "bb", "true").failedWith(125))
                .contains("writes no file");
    }
}

package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ctr.criu.linux.Processes;
import java.io.IOException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A migration is cancelled, by a signal to the command or from another shell, while a client counts on one connection. */
class MigrationCancelTest {
    private static final int SIGINT = 2;
    private static final int SIGTERM = 15;
    private static final long MILLI = 1_000_000;

    private MigratingRedis redis;
    private Counting client;

    @BeforeEach
    void makeHosts() throws IOException, InterruptedException {
        redis = MigratingRedis.make();
        client = redis.startRedis();
        redis.agents().start(redis.b());
    }

    @AfterEach
    void leaveNothing() throws IOException, InterruptedException {
        if (redis != null) {
            try (MigratingRedis ignored = redis) {
                if (client != null) {
                    client.close();
                }
            }
        }
    }

    private static void signal(Process process, int signal) throws IOException {
        assertThat(Processes.kill(process.pid(), signal)).isTrue();
    }

    @Test
    void ctrlCCancels() throws Exception {
        Process command = redis.start(redis.holdAt("source-freeze"), "--strategy", "pre-copy");
        redis.awaitHeld();
        signal(command, SIGINT);
        signal(command, SIGINT);
        redis.letGo();
        assertThat(MigratingRedis.code(command)).as(redis.said()).isEqualTo(125);
        assertThat(redis.said().lines()).singleElement().asString().matches("Error: .*redis.*: it was cancelled");
        redis.assertRunsOnlyOn(redis.a(), client);
    }

    @Test
    @EnabledIfSystemProperty(named = "ctr.migration.all", matches = "true")
    void whatWasGivenAwayIsNotCancelled() throws Exception {
        Process late = redis.start(redis.holdAt("source-given-away"));
        redis.awaitHeld();
        signal(late, SIGTERM);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> redis.said().contains("it is too late to cancel"));
        String id = redis.awaitMigration();
        assertThat(redis.a().run("migrate", "cancel", id).errors()).contains("it is too late");
        redis.letGo();
        assertThat(MigratingRedis.code(late)).as(redis.said()).isZero();
        redis.assertRunsOnlyOn(redis.b(), client);
    }

    /** How long it takes from the request until the client counts again, and until the command has ended. */
    private void report(String what, Process command, long begin) throws IOException, InterruptedException {
        client.awaitMore();
        long counted = System.nanoTime();
        int code = MigratingRedis.code(command);
        long ended = System.nanoTime();
        System.out.println(what + ": counts again after " + (counted - begin) / MILLI + " ms, command ended after "
                + (ended - begin) / MILLI + " ms, largest gap " + client.largestGap());
        assertThat(code).as(redis.said()).isEqualTo(125);
        assertThat(redis.said()).contains("it was cancelled");
    }

    @ParameterizedTest
    @ValueSource(strings = {"source-begun", "source-round", "source-freeze", "source-final", "source-staged"})
    @EnabledIfSystemProperty(named = "ctr.migration.all", matches = "true")
    void cancelFromAnotherShellTakesEffectAtEachStep(String step) throws Exception {
        Process command = redis.start(redis.holdAt(step), "--strategy", "pre-copy");
        redis.awaitHeld();
        redis.a().ctr("migrate", "cancel", redis.awaitMigration());
        long begin = System.nanoTime();
        redis.letGo();
        report("cancelled at " + step, command, begin);
        redis.assertRunsOnlyOn(redis.a(), client);
    }

    @ParameterizedTest
    @CsvSource({"cold, archive", "pre-copy, round 1"})
    @EnabledIfSystemProperty(named = "ctr.migration.all", matches = "true")
    void whatIsSentSlowlyIsGivenUpInTheMiddle(String strategy, String phase) throws Exception {
        redis.hosts().populate(redis.hosts().address(), 400_000);
        Process command = redis.start(
                "", "--strategy", strategy, "--bandwidth", "1m", "--compress", "none", "--progress", "plain");
        Awaitility.await()
                .pollInterval(Duration.ofMillis(10))
                .atMost(Duration.ofSeconds(60))
                .until(() -> redis.said().contains(phase));
        Thread.sleep(Duration.ofSeconds(2).toMillis());
        long begin = System.nanoTime();
        redis.a().ctr("migrate", "cancel", redis.awaitMigration());
        report("cancelled in the middle of " + phase, command, begin);
        redis.assertRunsOnlyOn(redis.a(), client);
    }

    @ParameterizedTest
    @ValueSource(strings = {"source-begun", "source-final"})
    @EnabledIfSystemProperty(named = "ctr.migration.all", matches = "true")
    void aTargetThatIsStoppedIsNotWaitedFor(String step) throws Exception {
        Process agent = redis.agents().restart(redis.b(), "");
        Process command = redis.start(redis.holdAt(step), "--strategy", "pre-copy");
        redis.awaitHeld();
        MigratingRedis.stop(agent);
        try {
            redis.letGo();
            Thread.sleep(Duration.ofSeconds(1).toMillis());
            long begin = System.nanoTime();
            signal(command, SIGINT);
            report("cancelled while the target is stopped after " + step, command, begin);
        } finally {
            MigratingRedis.goOn(agent);
        }
        redis.assertRunsOnlyOn(redis.a(), client);
    }
}

package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.criu.linux.Processes;
import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.HandOver;
import dev.ctr.lifecycle.HandOver.Outcome;
import dev.ctr.lifecycle.HandOverOptions;
import dev.ctr.lifecycle.RestoreOptions;
import dev.ctr.test.HandOverSide.Step;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Either side of a hand-over is killed with SIGKILL at each of its steps. */
class HandOverCrashTest {
    private static final int SIGKILL = 9;

    @AutoClose
    private RedisHosts hosts;

    @BeforeEach
    void makeHosts() throws IOException {
        hosts = RedisHosts.make();
    }

    @Test
    void theSourceGoesOnUntilItIsGivenAwayAndThenStaysUntilThatIsSettled() throws Exception {
        try (Counting client = hosts.startRedis()) {
            client.awaitMore();
            killSource(Step.ARCHIVE);
            client.awaitMore();
            killSource(Step.HELD);
            client.awaitMore();
            assertThat(redis().handOverToken()).isEmpty();

            killSource(Step.COMMIT);
            assertInDoubt();
            client.assertStandsStill(Duration.ofMillis(500));
            settle(Outcome.NEVER_RAN);
            client.awaitMore();
            assertThat(redis().state().status()).isEqualTo(ContainerStatus.RUNNING);
            assertThatThrownBy(() -> settle(Outcome.NEVER_RAN)).hasMessageContaining("not in doubt");

            killSource(Step.COMMIT);
            killCriu();
            client.assertStandsStill(Duration.ofMillis(500));
            settle(Outcome.NEVER_RAN);
            assertThat(redis().state().status()).isEqualTo(ContainerStatus.EXITED);
            hosts.a().call(() -> redis().restore(new RestoreOptions().tcpEstablished(true)));
            client.awaitMore();

            killSource(Step.COMMIT);
            settle(Outcome.RUNS);
            assertThat(hosts.a().engine().containers()).isEmpty();
            assertThat(hosts.a().leftovers()).isEmpty();
            client.giveUp();
        }
    }

    private void killSource(Step step) throws IOException, InterruptedException {
        Path archive = hosts.a().root().directory().resolve("archive");
        try (HandOverSide source = HandOverSide.source(hosts.a(), RedisHosts.NAME, archive, step)) {
            source.await(step);
            source.kill();
        }
    }

    /** Kills CRIU, which holds the tasks. */
    private void killCriu() throws IOException, InterruptedException {
        Path bundle = hosts.a().root().root().resolve("containers/" + redis().id() + "/bundle");
        for (ProcessIdentity process : Processes.withArgument(bundle.toString())) {
            if (Processes.arguments(process.pid()).contains("checkpoint")) {
                for (ProcessIdentity criu : Processes.children(process.pid())) {
                    Processes.kill(criu, SIGKILL);
                }
                Processes.awaitEnd(process, Duration.ofSeconds(10));
            }
        }
    }

    private void settle(Outcome outcome) throws IOException, InterruptedException {
        hosts.a().call(() -> {
            redis().settleHandOver(outcome);
            return outcome;
        });
    }

    private void assertInDoubt() {
        Container redis = redis();
        assertThat(redis.handOverToken()).contains("killed");
        assertThat(redis.inspect().at("/State/Status").asText()).isEqualTo("running");
        assertThatThrownBy(() -> redis.remove(true, true))
                .isInstanceOfSatisfying(
                        EngineException.class, e -> assertThat(e.code()).isEqualTo(EngineException.Code.IN_DOUBT))
                .hasMessageContaining("ctr migrate resolve");
        assertThatThrownBy(redis::sync).hasMessageContaining("handed over");
    }

    private Container redis() {
        return RedisHosts.redis(hosts.a());
    }

    @Test
    void aTargetThatIsKilledHasNothingOrRunsIt() throws Exception {
        try (Counting client = hosts.startRedis()) {
            client.awaitMore();
            TestHost b = hosts.b();
            assertThatThrownBy(() -> handOverTo("unheld", false)).hasMessageContaining("goes on here");
            client.awaitMore();
            for (Container container : b.engine().containers()) {
                assertThatThrownBy(() -> sync(b, container))
                        .isInstanceOfSatisfying(
                                EngineException.class,
                                e -> assertThat(e.code()).isEqualTo(EngineException.Code.NO_SUCH_CONTAINER));
            }
            assertThat(b.engine().taken("unheld")).isEmpty();
            sweepStaging(b);
            assertThat(b.leftovers()).isEmpty();

            handOverTo("granted", true);
            client.awaitMore();
            Container there = RedisHosts.redis(b);
            sync(b, there);
            assertThat(there.state().status()).isEqualTo(ContainerStatus.RUNNING);
            assertThat(b.engine().taken("granted")).contains(there.id());
            assertThat(b.sh("ip -br link")).doesNotContain("ctrh");
            sweepStaging(b);
        }
    }

    @Test
    void aTargetThatIsKilledHasNoVolumesEither() throws Exception {
        Path archive = hosts.a().root().directory().resolve("with-volume");
        Container data = hosts.a().call(() -> {
            Container created = hosts.a()
                    .engine()
                    .create(CreateOptions.fromImage("redis")
                            .network("none")
                            .volume(new CreateOptions.Volume("data", "/data", List.of()))
                            .command(Redis.COMMAND));
            created.start();
            created.checkpoint(new CheckpointOptions().exportTo(archive));
            created.remove(true, true);
            return created;
        });
        TestHost b = hosts.b();
        try (HandOverSide target = HandOverSide.target(b, "volume", archive)) {
            target.await(Step.HELD);
            assertThat(b.engine().volumes().find("data")).isPresent();
            target.kill();
        }
        assertThatThrownBy(() -> sync(b, b.engine().container(data.id().hex()))).isInstanceOf(EngineException.class);
        assertThat(b.engine().volumes().list()).isEmpty();
        sweepStaging(b);
        assertThat(b.leftovers()).isEmpty();
    }

    /** Where an archive was unpacked by a process that was killed goes with the next creation. */
    private static void sweepStaging(TestHost host) {
        host.engine()
                .create(CreateOptions.fromImage("redis").network("none").command(Redis.COMMAND))
                .remove(true, true);
    }

    private static void sync(TestHost host, Container container) throws IOException, InterruptedException {
        host.call(() -> {
            container.sync();
            return container;
        });
    }

    /** Hands over to a process that is killed: while it holds the container, or as soon as the container has the right to run. */
    private void handOverTo(String token, boolean grant) throws Exception {
        HandOverOptions options = new HandOverOptions(token, new CheckpointOptions().tcpEstablished(true), true);
        try (KilledTarget killed = new KilledTarget(hosts.b(), token, grant)) {
            hosts.a().call(() -> redis().handOver(options, killed));
        }
    }

    /** A target that is killed. */
    private static final class KilledTarget implements HandOver, AutoCloseable {
        private final TestHost host;
        private final String token;
        private final boolean grant;
        private final Path archive;
        private @Nullable HandOverSide side;

        KilledTarget(TestHost host, String token, boolean grant) {
            this.host = host;
            this.token = token;
            this.grant = grant;
            this.archive = host.root().directory().resolve("archive");
        }

        @Override
        public OutputStream archive() throws IOException {
            return Files.newOutputStream(archive);
        }

        @Override
        public void awaitHeld() throws IOException, InterruptedException {
            HandOverSide target = HandOverSide.target(host, token, archive);
            side = target;
            target.await(Step.HELD);
            if (!grant) {
                target.kill();
                throw new IOException("the target was killed");
            }
        }

        @Override
        public Outcome commit() throws IOException, InterruptedException {
            HandOverSide target = Objects.requireNonNull(side);
            target.goOn();
            await().pollInterval(Duration.ofMillis(1))
                    .until(() -> host.engine().taken(token).isPresent());
            target.kill();
            return Outcome.RUNS;
        }

        @Override
        public void close() {
            if (side != null) {
                side.close();
            }
        }
    }
}

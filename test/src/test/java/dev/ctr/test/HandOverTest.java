package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerId;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.HandOver;
import dev.ctr.lifecycle.HandOverOptions;
import dev.ctr.lifecycle.HandOverResult;
import dev.ctr.lifecycle.RestoreOptions;
import java.io.IOException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A Redis whose client holds one connection is handed from host to host. */
class HandOverTest {
    @AutoClose
    private RedisHosts hosts;

    private TestHost a;
    private TestHost b;

    @BeforeEach
    void makeHosts() throws IOException {
        hosts = RedisHosts.make();
        a = hosts.a();
        b = hosts.b();
    }

    private static Container redis(TestHost host) {
        return RedisHosts.redis(host);
    }

    private static HandOverOptions options(String token) {
        return new HandOverOptions(token, new CheckpointOptions().tcpEstablished(true), true);
    }

    private static RestoreOptions restoring() {
        return new RestoreOptions().tcpEstablished(true);
    }

    /** Hands Redis over, both sides in this process. */
    private static HandOverResult move(TestHost from, TestHost to, String token) throws Exception {
        try (Passing passing = Passing.to(to, restoring(), token)) {
            return from.call(() -> redis(from).handOver(options(token), passing));
        }
    }

    @Test
    void aConnectionGoesWithTheContainerThereAndBack() throws Exception {
        try (Counting client = hosts.startRedis()) {
            client.awaitMore();
            HandOverResult there = move(a, b, "there");
            client.awaitMore();
            assertThat(there.outcome()).isEqualTo(HandOver.Outcome.RUNS);
            assertThat(a.engine().containers()).isEmpty();
            assertThat(redis(b).state().status()).isEqualTo(ContainerStatus.RUNNING);
            assertThat(b.engine().taken("there")).contains(redis(b).id());
            System.out.println("handed over: " + there + "; largest gap " + client.largestGap());
            HandOverResult back = move(b, a, "back");
            client.awaitMore();
            System.out.println("handed back: " + back + "; largest gap " + client.largestGap());
            assertThat(b.engine().containers()).isEmpty();
            assertThat(b.leftovers()).isEmpty();
        }
    }

    @Test
    void aHandOverThatIsCalledOffLeavesTheSourceRunningAndNothingElsewhere() throws Exception {
        try (Counting client = hosts.startRedis();
                Passing passing = Passing.to(b, restoring(), "off").failingWhenHeld()) {
            client.awaitMore();
            assertThatThrownBy(() -> a.call(() -> redis(a).handOver(options("off"), passing)))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("goes on here");
            client.awaitMore();
            assertThat(redis(a).state().status()).isEqualTo(ContainerStatus.RUNNING);
            assertThat(redis(a).state().pending()).isEmpty();
            assertThat(b.engine().containers()).isEmpty();
            assertThat(b.engine().taken("off")).isEmpty();
            assertThat(b.leftovers()).isEmpty();
            System.out.println("called off; largest gap " + client.largestGap());
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "ctr.migration.all", matches = "true")
    void aContainerThatMayRunAndCannotStaysWithItsCheckpoint() throws Exception {
        hosts.start();
        ContainerId id = redis(a).id();
        try (Counting client = hosts.count(hosts.address());
                Passing passing =
                        Passing.to(b, restoring(), "broken").with(() -> Victim.CRIU.killWhenGranted(b, id, "broken"))) {
            client.awaitMore();
            assertThatThrownBy(() -> a.call(() -> redis(a).handOver(options("broken"), passing)))
                    .isInstanceOfSatisfying(
                            EngineException.class, e -> assertThat(e.code()).isEqualTo(EngineException.Code.IN_DOUBT));
            assertThat(redis(a).handOverToken()).contains("broken");
            assertThat(b.engine().taken("broken")).contains(redis(b).id());
            assertThat(redis(b).state().status()).isEqualTo(ContainerStatus.EXITED);
            a.call(() -> {
                redis(a).settleHandOver(HandOver.Outcome.RUNS);
                return "gone";
            });
            b.call(() -> redis(b).restore(restoring()));
            client.awaitMore();
            b.engine().forgetTaken("broken");
            assertThat(b.engine().taken("broken")).isEmpty();
        }
    }
}

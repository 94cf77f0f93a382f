package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.HandOver;
import dev.ctr.lifecycle.HandOverOptions;
import dev.ctr.lifecycle.HandOverResult;
import dev.ctr.lifecycle.RestoreOptions;
import dev.ctr.lifecycle.image.ImportOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Redis whose client holds one connection is handed from host to host. */
class HandOverTest {
    private static final String NAME = "redis";

    private TestHosts hosts;
    private TestHost a;
    private TestHost b;

    @BeforeEach
    void makeHosts() throws IOException {
        assumeTrue(TestHosts.canRun(), "network namespaces with bridges and iptables are not to be had");
        assumeTrue(Commands.exists("redis-server"), "redis-server is not installed");
        hosts = TestHosts.of(2);
        a = hosts.host(0);
        b = hosts.host(1);
        var tar = Redis.image(a.root().directory());
        for (TestHost host : List.of(a, b)) {
            try (InputStream in = Files.newInputStream(tar)) {
                host.engine().images().importTar(in, new ImportOptions("redis", List.of(), ""));
            }
        }
    }

    @AfterEach
    void leaveNothing() {
        if (hosts != null) {
            hosts.close();
        }
    }

    private Counting startRedis() throws IOException, InterruptedException {
        a.call(() -> {
            Container redis = a.engine()
                    .create(CreateOptions.fromImage("redis")
                            .name(NAME)
                            .network(TestHost.NETWORK)
                            .command(Redis.COMMAND));
            redis.start();
            return redis;
        });
        String address =
                redis(a).inspect().at("/NetworkSettings/Networks/lan/IPAddress").asText();
        return hosts.onClient(() -> Counting.on(Redis.connect(address)));
    }

    private static Container redis(TestHost host) {
        return host.engine().container(NAME);
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
        try (Counting client = startRedis()) {
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
        try (Counting client = startRedis();
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
}

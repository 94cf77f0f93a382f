package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.RestoreOptions;
import dev.ctr.lifecycle.network.PortMapping;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections on which the other side never stops sending last through an ordinary checkpoint and restore. */
class RestoredConnectionsTest {
    private static final int HOST_PORT = 7000;

    @AutoClose
    private RedisHosts hosts;

    @BeforeEach
    void makeHosts() throws IOException {
        hosts = RedisHosts.make();
    }

    @Test
    void connectionsLastBothDirectlyAndThroughAPublishedPort() throws Exception {
        TestHost host = hosts.a();
        Path archive = host.root().directory().resolve("archive");
        String address = hosts.start(options -> options.publish(PortMapping.parse(HOST_PORT + ":6379")));
        try (Counting published = hosts.count(host.address(), HOST_PORT, "published")) {
            try (Chatter chatter = hosts.chatter(address)) {
                host.call(() -> redis().checkpoint(checkpointing()));
                chatter.begin();
                host.call(() -> redis().restore(restoring()));
                chatter.requireAnswers();
            }
            published.awaitMore();
            assertJoined(host);

            try (Chatter chatter = hosts.chatter(address)) {
                host.call(() -> redis().checkpoint(checkpointing().exportTo(archive)));
                redis().remove(true, true);
                chatter.begin();
                host.call(() -> host.engine().restore(archive, restoring()));
                chatter.requireAnswers();
            }
            published.awaitMore();
            assertJoined(host);
        }
    }

    private static CheckpointOptions checkpointing() {
        return new CheckpointOptions().tcpEstablished(true);
    }

    private Container redis() {
        return RedisHosts.redis(hosts.a());
    }

    private static RestoreOptions restoring() {
        return new RestoreOptions().tcpEstablished(true);
    }

    private void assertJoined(TestHost host) {
        assertThat(host.sh("ip -br link")).doesNotContain("ctrh");
        assertThat(redis().inspect().at("/NetworkSettings/Networks/lan/Gateway").asText())
                .isEqualTo(host.address());
    }
}

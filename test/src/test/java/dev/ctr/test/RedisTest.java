package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** A real Redis with a connected client. */
@ResourceLock("host network")
class RedisTest {
    private static final int KEYS = 100_000;

    private final CtrRoot root = CtrRoot.create();

    @BeforeEach
    void importImage() {
        assumeTrue(Commands.exists("redis-server"), "redis-server is not installed");
        root.ctr("import", Redis.image(root.directory()).toString(), "redis");
    }

    @AfterEach
    void leaveNothing() {
        root.close();
    }

    private String runRedis() {
        List<String> run = new ArrayList<>(List.of("run", "-d", "--name", "redis", "--network", "bridge", "redis"));
        run.addAll(Redis.COMMAND);
        root.ctr(run.toArray(String[]::new));
        return root.ctr("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", "redis");
    }

    @Test
    void aCheckpointThatLeavesItRunningDoesNotBreakTheConnection() throws IOException {
        try (Redis.Client client = Redis.connect(runRedis())) {
            assertThat(client.ask("DEBUG POPULATE " + KEYS)).isEqualTo("+OK");
            assertThat(client.ask("INCR counter")).isEqualTo(":1");
            root.run("checkpoint", "--leave-running", "redis").failedWith(125);
            assertThat(client.ask("INCR counter")).isEqualTo(":2");
            root.ctr("checkpoint", "--leave-running", "--tcp-established", "redis");
            assertThat(client.ask("INCR counter")).isEqualTo(":3");
            assertThat(client.ask("DBSIZE")).isEqualTo(":" + (KEYS + 1));
        }
    }

    @Test
    void theConnectionGoesOnUnderAnotherRoot() throws IOException {
        Path archive = root.directory().resolve("redis.tar.zst");
        try (CtrRoot other = CtrRoot.create();
                Redis.Client client = Redis.connect(runRedis())) {
            other.ctr("import", root.directory().resolve("redis.tar").toString(), "redis");
            assertThat(client.ask("INCR counter")).isEqualTo(":1");
            root.ctr("checkpoint", "--tcp-established", "-e", archive.toString(), "redis");
            root.ctr("rm", "redis");
            other.ctr("restore", "--tcp-established", "-i", archive.toString());
            assertThat(client.ask("INCR counter")).isEqualTo(":2");
        }
    }

    @Test
    @Upstream(9)
    void aConnectionIsClosedOnRequest() throws IOException {
        try (Redis.Client client = Redis.connect(runRedis())) {
            assertThat(client.ask("SET key value")).isEqualTo("+OK");
            root.ctr("checkpoint", "--tcp-established", "redis");
            root.ctr("restore", "--tcp-close", "redis");
        }
        try (Redis.Client client = Redis.connect(
                root.ctr("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", "redis"))) {
            assertThat(client.ask("EXISTS key")).isEqualTo(":1");
        }
    }
}

package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.event.EventQuery;
import dev.ctr.lifecycle.event.EventStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A Redis moves between two hosts with agents, and a client counts in it on one connection all the while. */
class MigrationTest {
    private static final int ROUND_TRIPS = Boolean.getBoolean("ctr.migration.all") ? 10 : 1;

    private RedisHosts hosts;
    private TestHost a;
    private TestHost b;
    private TestAgents agents;

    @BeforeEach
    void makeHosts() throws IOException {
        hosts = RedisHosts.make();
        a = hosts.a();
        b = hosts.b();
        agents = TestAgents.of(a, b);
    }

    @AfterEach
    void leaveNothing() throws InterruptedException {
        if (agents != null) {
            agents.close();
        }
        if (hosts != null) {
            hosts.close();
        }
    }

    private Counting startRedis(int keys) throws IOException, InterruptedException {
        String address = hosts.start();
        hosts.populate(address, keys);
        return hosts.count(address);
    }

    private static Container redis(TestHost host) {
        return RedisHosts.redis(host);
    }

    private CommandResult migrate(TestHost from, TestHost to, String... more) {
        return agents.migrate(
                from,
                to,
                RedisHosts.NAME,
                Stream.concat(Stream.of("--tcp-established"), Stream.of(more)).toArray(String[]::new));
    }

    private static JsonNode json(CommandResult result) throws IOException {
        return new ObjectMapper().readTree(result.succeeded());
    }

    private static void runsOnlyOn(TestHost here, TestHost notThere) {
        redis(here).sync();
        assertThat(redis(here).state().status()).isEqualTo(ContainerStatus.RUNNING);
        notThere.engine().containers().forEach(Container::sync);
        assertThat(notThere.engine().containers()).isEmpty();
    }

    @Test
    void aRedisGoesThereAndBackAndItsClientNoticesNothingButAPause() throws Exception {
        agents.start(a);
        agents.start(b);
        try (Counting client = startRedis(100_000)) {
            client.awaitMore();
            for (int trip = 0; trip < ROUND_TRIPS; trip++) {
                JsonNode there = json(migrate(a, b, "--strategy", "cold", "--format", "json"));
                client.awaitMore();
                runsOnlyOn(b, a);
                JsonNode back = json(migrate(b, a, "--strategy", "pre-copy", "--format", "json"));
                client.awaitMore();
                runsOnlyOn(a, b);
                assertThat(back.at("/rounds/0/pages_sent").asLong()).isPositive();
                assertThat(there.path("result").asText()).isEqualTo("migrated");
                assertThat(there.path("container").asText())
                        .isEqualTo(redis(a).id().hex());
                assertThat(states(a, "source")).startsWith("begun", "given-away", "done");
                assertThat(states(b, "target")).startsWith("begun", "held", "granted", "runs", "done");
                assertThat(TestAgents.metrics(b))
                        .contains("ctr_migrations_total{result=\"runs\"} " + (trip + 1))
                        .contains("ctr_migration_downtime_seconds_count " + (trip + 1));
                System.out.println("there " + there + "\nback " + back + "\nlargest gap " + client.largestGap());
            }
            agents.kill(b);
            assertThat(b.leftovers()).isEmpty();
        }
    }

    /** What a host's events say of a migration on this side of it, in their order. */
    private static List<String> states(TestHost host, String side) {
        List<String> states = new ArrayList<>();
        host.engine().events().read(EventQuery.all(), event -> {
            if (event.status() == EventStatus.MIGRATE
                    && side.equals(event.attributes().get("side"))) {
                states.add(event.attributes().get("state"));
            }
        });
        return states;
    }

    @Test
    @EnabledIfSystemProperty(named = "ctr.migration.all", matches = "true")
    void aDryRunTellsWhetherItWouldWorkAndTouchesNothing() throws Exception {
        agents.start(b);
        try (Counting client = startRedis(10)) {
            JsonNode granted = json(migrate(a, b, "--dry-run", "--format", "json"));
            assertThat(granted.path("granted").asBoolean()).isTrue();
            CommandResult connected = agents.migrate(a, b, RedisHosts.NAME);
            assertThat(connected.errors()).contains("it has 1 established TCP connection: take them along");
            b.engine()
                    .create(CreateOptions.fromImage("redis")
                            .name(RedisHosts.NAME)
                            .network("none")
                            .command(Redis.COMMAND));
            CommandResult refused = migrate(a, b);
            assertThat(refused.exitCode()).isEqualTo(125);
            assertThat(refused.errors())
                    .contains("the target has a container redis already")
                    .contains("--name");
            assertThat(b.ctr("migrate", "ls", "-n")).isEmpty();
            redis(b).remove(true, true);
            client.awaitMore();
            runsOnlyOn(a, b);
        }
    }
}

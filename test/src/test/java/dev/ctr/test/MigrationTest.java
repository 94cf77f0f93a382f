package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.image.ImportOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A Redis moves between two hosts with agents, and a client counts in it on one connection all the while. With {@code
 * -Dctr.migration.all} every step is tried as the one at which a process is killed, and a link goes down; without, only the steps
 * after which nobody can go back.
 */
class MigrationTest {
    private static final String NAME = "redis";
    private static final boolean ALL = Boolean.getBoolean("ctr.migration.all");
    private static final int ROUND_TRIPS = ALL ? 10 : 1;

    private TestHosts hosts;
    private TestHost a;
    private TestHost b;
    private TestAgents agents;

    @BeforeEach
    void makeHosts() throws IOException {
        assumeTrue(TestHosts.canRun(), "network namespaces with bridges and iptables are not to be had");
        assumeTrue(Commands.exists("redis-server"), "redis-server is not installed");
        hosts = TestHosts.of(2);
        a = hosts.host(0);
        b = hosts.host(1);
        Path tar = Redis.image(a.root().directory());
        for (TestHost host : List.of(a, b)) {
            try (InputStream in = Files.newInputStream(tar)) {
                host.engine().images().importTar(in, new ImportOptions("redis", List.of(), ""));
            }
        }
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
        return hosts.onClient(() -> {
            try (Redis.Client client = Redis.connect(address)) {
                assertThat(client.ask("DEBUG POPULATE " + keys)).isEqualTo("+OK");
            }
            return Counting.on(Redis.connect(address));
        });
    }

    private static Container redis(TestHost host) {
        return host.engine().container(NAME);
    }

    private List<String> words(TestHost from, TestHost to, String... more) {
        List<String> words =
                new ArrayList<>(List.of("migrate", NAME, "--to", TestAgents.address(to), "--tcp-established"));
        words.addAll(agents.identity(from));
        words.addAll(List.of(more));
        return words;
    }

    private CommandResult migrate(TestHost from, TestHost to, String... more) {
        return from.run(words(from, to, more).toArray(String[]::new));
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
                System.out.println("there " + there + "\nback " + back + "\nlargest gap " + client.largestGap());
            }
            agents.kill(b);
            assertThat(b.leftovers()).isEmpty();
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "ctr.migration.all", matches = "true")
    void aDryRunTellsWhetherItWouldWorkAndTouchesNothing() throws Exception {
        agents.start(b);
        try (Counting client = startRedis(10)) {
            JsonNode granted = json(migrate(a, b, "--dry-run", "--format", "json"));
            assertThat(granted.path("granted").asBoolean()).isTrue();
            b.engine()
                    .create(CreateOptions.fromImage("redis")
                            .name(NAME)
                            .network("none")
                            .command(Redis.COMMAND));
            CommandResult refused = migrate(a, b);
            assertThat(refused.exitCode()).isEqualTo(125);
            assertThat(refused.errors())
                    .contains("the target has a container redis already")
                    .contains("--name");
            assertThat(b.ctr("migrate", "ls", "-n")).isEmpty();
            b.engine().container(NAME).remove(true, true);
            client.awaitMore();
            runsOnlyOn(a, b);
        }
    }

    @Test
    void aMigrationThatIsCancelledLeavesItRunningWhereItWas() throws Exception {
        agents.start(b);
        try (Counting client = startRedis(100_000)) {
            Process command = start("", "--strategy", "pre-copy", "--bandwidth", "500k", "--compress", "none");
            String id = awaitMigration(a);
            Thread.sleep(500);
            a.ctr("migrate", "cancel", id);
            assertThat(command.waitFor()).isEqualTo(125);
            client.awaitMore();
            runsOnlyOn(a, b);
            assertThat(state(a, id)).isEqualTo("cancelled");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> state(b, id).equals("cancelled"));
            agents.kill(b);
            assertThat(b.leftovers()).isEmpty();
        }
    }

    private static List<String> sourceSteps() {
        return ALL
                ? List.of("source-begun", "source-final", "source-staged", "source-given-away", "source-told")
                : List.of("source-given-away");
    }

    private static List<String> targetSteps() {
        return ALL ? List.of("target-held", "target-commit", "target-granted", "target-runs") : List.of("target-runs");
    }

    @ParameterizedTest
    @MethodSource("sourceSteps")
    @EnabledIfSystemProperty(named = "ctr.migration.all", matches = "true")
    void aCommandThatIsKilledAtAnyStepLeavesOneCopyOrOneCommandToGetIt(String step) throws Exception {
        agents.start(b);
        try (Counting client = startRedis(1000)) {
            client.awaitMore();
            assertThat(start(step).waitFor()).isEqualTo(137);
            String id = awaitMigration(a);
            List<String> resolve = new ArrayList<>(List.of("migrate", "resolve", id));
            resolve.addAll(agents.identity(a));
            String settled = a.ctr(resolve.toArray(String[]::new)).strip();
            client.awaitMore();
            boolean ran = step.equals("source-told");
            assertThat(settled).isEqualTo(ran ? "done" : "cancelled");
            runsOnlyOn(ran ? b : a, ran ? a : b);
            System.out.println(step + ": " + settled + ", largest gap " + client.largestGap());
        }
    }

    @ParameterizedTest
    @MethodSource("targetSteps")
    void anAgentThatIsKilledAtAnyStepLeavesOneCopyOrOneCommandToGetIt(String step) throws Exception {
        agents.start(b, step);
        try (Counting client = startRedis(1000)) {
            client.awaitMore();
            Process command = start("");
            agents.awaitEnd(b);
            agents.start(b);
            int code = command.waitFor();
            String id = awaitMigration(a);
            if (!state(a, id).equals("done") && !state(a, id).equals("cancelled")) {
                List<String> resolve = new ArrayList<>(List.of("migrate", "resolve", id));
                resolve.addAll(agents.identity(a));
                a.ctr(resolve.toArray(String[]::new));
            }
            client.awaitMore();
            boolean ran = state(a, id).equals("done");
            assertThat(ran).isEqualTo(step.equals("target-runs"));
            runsOnlyOn(ran ? b : a, ran ? a : b);
            System.out.println(
                    step + ": exit code " + code + ", " + state(a, id) + ", largest gap " + client.largestGap());
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "ctr.migration.all", matches = "true")
    void aLinkThatIsDownBeforeTheCommitLeavesItRunningWhereItWas() throws Exception {
        agents.start(b);
        try (Counting client = startRedis(100_000)) {
            Process command = start("", "--strategy", "pre-copy", "--bandwidth", "500k", "--compress", "none");
            String id = awaitMigration(a);
            Thread.sleep(500);
            hosts.setLink(1, false);
            assertThat(command.waitFor()).isEqualTo(125);
            hosts.setLink(1, true);
            client.awaitMore();
            runsOnlyOn(a, b);
            assertThat(state(a, id)).isEqualTo("cancelled");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> state(b, id).equals("cancelled"));
        }
    }

    /** Starts a migration from a to b in a process of its own. */
    private Process start(String fault, String... more) throws IOException {
        Path directory = a.root().directory();
        return Commands.start(
                Map.of("CTR_FAULT", fault),
                a.inside(a.root().command(words(a, b, more).toArray(String[]::new))),
                directory.resolve("migrate.out"),
                directory.resolve("migrate.err"));
    }

    /** The ID of the only migration of a host, once there is one. */
    private static String awaitMigration(TestHost host) {
        Path journal = host.root().root().resolve("migrations");
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> {
                            if (!Files.isDirectory(journal)) {
                                return "";
                            }
                            try (var files = Files.list(journal)) {
                                return files.map(file -> file.getFileName().toString())
                                        .filter(name -> name.startsWith("source-") && name.endsWith(".json"))
                                        .map(name -> name.substring("source-".length(), name.length() - 5))
                                        .findFirst()
                                        .orElse("");
                            }
                        },
                        id -> !id.isEmpty());
    }

    private static String state(TestHost host, String id) throws IOException {
        JsonNode entry = new ObjectMapper().readTree(host.ctr("migrate", "show", id));
        return entry.path("state").asText();
    }
}

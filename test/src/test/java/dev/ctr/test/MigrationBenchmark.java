package dev.ctr.test;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The longest time that a client of a migrating Redis waits for an answer, with {@code ctr migrate --strategy cold} beside what runc and
 * CRIU can do by themselves ({@link StockMigration}): the same program and keys, hosts, link and client, turn by turn. Not part of
 * the tests; {@code -Dtest=MigrationBenchmark} runs it.
 */
class MigrationBenchmark {
    private static final int ROUNDS = Integer.getInteger("ctr.benchmark.rounds", 5);
    /** Begins what both sides log of the time that the container stood still. */
    private static final String FROZEN = "frozen: ";

    private static final int KEYS = 100_000;

    @Test
    void theLongestGapBesideTheStockWay() throws Exception {
        assumeTrue(Commands.exists("runc"), "runc is not installed");
        List<Double> own = new ArrayList<>();
        List<Double> stock = new ArrayList<>();
        try (RedisHosts hosts = RedisHosts.make();
                TestAgents agents = TestAgents.of(hosts.a(), hosts.b())) {
            agents.start(hosts.a());
            agents.start(hosts.b());
            Path tar = hosts.a().root().directory().resolve("redis.tar");
            try (Counting client = hosts.startRedis();
                    StockMigration peer = StockMigration.start(hosts.a(), hosts.b(), tar, Redis.COMMAND);
                    Counting other = hosts.count(StockMigration.ADDRESS)) {
                hosts.populate(hosts.address(), KEYS);
                hosts.populate(StockMigration.ADDRESS, KEYS);
                TestHost from = hosts.a();
                TestHost to = hosts.b();
                for (int round = 0; round < ROUNDS; round++) {
                    other.forgetGaps();
                    String steps = peer.move();
                    other.awaitMore();
                    stock.add(millis(other.largestGap()));
                    System.out.printf("stock %4.0f ms: %s%n", millis(other.largestGap()), steps);

                    client.forgetGaps();
                    CommandResult moved =
                            agents.migrate(from, to, RedisHosts.NAME, "--strategy", "cold", "--tcp-established");
                    client.awaitMore();
                    own.add(millis(client.largestGap()));
                    System.out.printf(
                            "ctr   %4.0f ms: %s%n", millis(client.largestGap()), phases(moved, agents.log(to)));
                    TestHost next = from;
                    from = to;
                    to = next;
                }
            }
        }
        System.out.printf(
                "medians: stock %.0f ms, ctr %.0f ms, ratio %.2f%n",
                median(stock), median(own), median(own) / median(stock));
    }

    private static String phases(CommandResult moved, String agentLog) {
        moved.succeeded();
        return lastFrozen(moved.errors()) + "; of the target's: " + lastFrozen(agentLog);
    }

    private static String lastFrozen(String log) {
        return log.lines()
                .filter(line -> line.contains(FROZEN))
                .reduce("", (earlier, later) -> later)
                .replaceFirst(".*" + FROZEN, "");
    }

    private static double millis(Duration time) {
        return time.toNanos() / 1e6;
    }

    private static double median(List<Double> figures) {
        return figures.stream().sorted().toList().get(figures.size() / 2);
    }
}

package dev.ctr.agent.migration;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory moves in rounds while the container runs, each with what has changed since the one before, until what is left takes no longer
 * than the downtime that is granted, or the rounds get no smaller.
 */
final class PreCopy implements Strategy {
    /** A round that is not smaller than this part of the one before does not bring the end nearer. */
    private static final double PROGRESS = 0.7;

    private static final long PAGE = 4096;

    private final Duration downtime;
    private final Duration timeout;
    private final int maxRounds;
    private final boolean force;

    PreCopy(MigrateOptions options) {
        this.downtime = options.downtime;
        this.timeout = options.timeout;
        this.maxRounds = options.maxRounds;
        this.force = options.force;
    }

    @Override
    public String word() {
        return "pre-copy";
    }

    @Override
    public List<Round> sendAhead(SourceMigration migration) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        List<Round> rounds = new ArrayList<>();
        while (true) {
            rounds.add(migration.sendLevel(rounds.size() + 1));
            if (isSmallEnough(rounds) || rounds.size() >= maxRounds || !getsSmaller(rounds)) {
                return rounds;
            }
            if (System.nanoTime() - begin > timeout.toNanos()) {
                if (force) {
                    return rounds;
                }
                throw new IOException("after " + timeout.toSeconds() + " s and " + rounds.size()
                        + " rounds its memory still changes too fast to be moved within " + downtime.toMillis()
                        + " ms; --on-timeout force, a larger --downtime or a faster link would help");
            }
        }
    }

    /** Whether what changes in the time of a round would be sent within the downtime. */
    private boolean isSmallEnough(List<Round> rounds) {
        Round last = rounds.get(rounds.size() - 1);
        if (rounds.size() == 1) {
            return last.millis() <= downtime.toMillis();
        }
        double bytesPerMilli = rounds.stream().mapToLong(Round::pagesSent).sum()
                * (double) PAGE
                / Math.max(1, rounds.stream().mapToLong(Round::millis).sum());
        return last.pagesSent() * PAGE / Math.max(1, bytesPerMilli) <= downtime.toMillis();
    }

    private static boolean getsSmaller(List<Round> rounds) {
        return rounds.size() < 2
                || rounds.get(rounds.size() - 1).pagesSent()
                        < rounds.get(rounds.size() - 2).pagesSent() * PROGRESS;
    }
}

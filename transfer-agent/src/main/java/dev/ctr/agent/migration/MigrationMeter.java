package dev.ctr.agent.migration;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.ctr.lifecycle.Progress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measures a migration while it is carried out, and tells of it. Safe for concurrent use; reports end when it is closed. */
final class MigrationMeter implements Progress, AutoCloseable {
    private static final long TICK_MILLIS = 250;
    private static final long PAGE = 4096;

    /** How much the last tick counts in the rate, so that it does not jump. */
    private static final double WEIGHT = 0.4;

    private static final double NANOS_PER_SECOND = 1e9;

    private static final Logger LOG = LoggerFactory.getLogger(MigrationMeter.class);

    private final MigrationProgress sink;
    private final LongSupplier sent;
    private final long begin = System.nanoTime();

    @GuardedBy("this")
    private String phase = "begin";

    @GuardedBy("this")
    private int round;

    @GuardedBy("this")
    private double rate;

    @GuardedBy("this")
    private double dirtyRate;

    @GuardedBy("this")
    private long dirtyBytes;

    @GuardedBy("this")
    private long ticked = begin;

    @GuardedBy("this")
    private long sentThen;

    @GuardedBy("this")
    private long roundEnded = begin;

    @GuardedBy("this")
    private boolean closed;

    /** @param sent how many bytes have gone over the link */
    MigrationMeter(MigrationProgress sink, LongSupplier sent) {
        this.sink = sink;
        this.sent = sent;
    }

    /** Begins to report. */
    void start() {
        CompletableFuture.delayedExecutor(TICK_MILLIS, TimeUnit.MILLISECONDS).execute(() -> {
            if (tick()) {
                start();
            }
        });
    }

    private synchronized boolean tick() {
        if (closed) {
            return false;
        }
        long now = System.nanoTime();
        long bytes = sent.getAsLong();
        rate += WEIGHT * ((bytes - sentThen) * NANOS_PER_SECOND / Math.max(1, now - ticked) - rate);
        ticked = now;
        sentThen = bytes;
        tell(snapshot(now));
        return true;
    }

    /** Nobody who looks on can make a migration fail. */
    @GuardedBy("this")
    private void tell(MigrationSnapshot now) {
        try {
            sink.report(now);
        } catch (RuntimeException e) {
            LOG.debug("nobody is told any more how far the migration is", e);
            closed = true;
        }
    }

    /** Enters a phase; the figures are measured here. */
    @Override
    public synchronized void report(String entered, long done, long expected) {
        if (!closed && !entered.equals(phase)) {
            phase = entered;
            tell(snapshot(System.nanoTime()));
        }
    }

    synchronized void beginRound(int number) {
        round = number;
        phase = "";
        report("round", 0, 0);
    }

    /** What a round has sent is what changed while the one before it was sent. */
    synchronized void endRound(Round ended) {
        long now = System.nanoTime();
        if (round > 1) {
            dirtyBytes = ended.pagesSent() * PAGE;
            dirtyRate = dirtyBytes * NANOS_PER_SECOND / Math.max(1, now - roundEnded);
        }
        roundEnded = now;
    }

    @GuardedBy("this")
    private MigrationSnapshot snapshot(long now) {
        Optional<Duration> downtime = round > 1 && rate > 1
                ? Optional.of(Estimate.FIXED.plusMillis((long) (dirtyBytes / rate * 1000)))
                : Optional.empty();
        return new MigrationSnapshot(
                phase, round, sent.getAsLong(), (long) rate, (long) dirtyRate, downtime, Duration.ofNanos(now - begin));
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}

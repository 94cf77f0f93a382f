package dev.ctr.agent.transfer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;

/** A limit to how many bytes are sent per second, shared by all who send. What was not used of a second is lost but for a tenth. */
public final class Bandwidth {
    /** No limit. */
    public static final Bandwidth UNLIMITED = new Bandwidth(0);

    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final long SLACK_NANOS = NANOS_PER_SECOND / 10;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long MILLIS_PER_SECOND = 1000;

    private final long bytesPerSecond;

    /** When the next byte may be sent, by {@link System#nanoTime}. */
    @GuardedBy("this")
    private long freeAt = System.nanoTime();

    private Bandwidth(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    /**
     * So many bytes a second.
     *
     * @throws IllegalArgumentException unless the rate is above 0
     */
    public static Bandwidth of(long bytesPerSecond) {
        if (bytesPerSecond <= 0) {
            throw new IllegalArgumentException("a bandwidth must be above 0");
        }
        return new Bandwidth(bytesPerSecond);
    }

    boolean isLimited() {
        return bytesPerSecond != 0;
    }

    /** How long it takes to send so many bytes, as far as the limit has a say. */
    public Duration timeFor(long bytes) {
        return bytesPerSecond == 0
                ? Duration.ZERO
                : Duration.ofMillis(Math.round((double) bytes * MILLIS_PER_SECOND / bytesPerSecond));
    }

    /** Waits until this many bytes may be sent. */
    void acquire(long bytes) throws InterruptedException {
        if (bytesPerSecond == 0) {
            return;
        }
        long waitNanos;
        synchronized (this) {
            long now = System.nanoTime();
            freeAt = Math.max(freeAt, now - SLACK_NANOS);
            waitNanos = freeAt - now;
            freeAt += Math.round((double) bytes * NANOS_PER_SECOND / bytesPerSecond);
        }
        if (waitNanos > 0) {
            Thread.sleep(waitNanos / NANOS_PER_MILLI, (int) (waitNanos % NANOS_PER_MILLI));
        }
    }
}

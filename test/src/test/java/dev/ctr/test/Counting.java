package dev.ctr.test;

import java.io.IOException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A client that counts in Redis on one connection as fast as it can, and notices a lost or doubled step and how long it waited. */
final class Counting implements AutoCloseable {
    private static final int MORE = 50;

    private final Redis.Client client;
    private final String key;
    private final Thread thread;
    private volatile boolean stopped;
    private volatile long count;
    private volatile long largestGapNanos;
    private volatile @Nullable Throwable failure;

    private Counting(Redis.Client client, String key) {
        this.client = client;
        this.key = key;
        this.thread = new Thread(this::count, "counting");
    }

    static Counting on(Redis.Client client) {
        return on(client, "counter");
    }

    /** As {@link #on(Redis.Client)}, in a number of that name. */
    static Counting on(Redis.Client client, String key) {
        Counting counting = new Counting(client, key);
        counting.thread.start();
        return counting;
    }

    private void count() {
        try {
            long last = System.nanoTime();
            long next = 1;
            while (!stopped) {
                String answer = client.ask("INCR " + key);
                if (!answer.equals(":" + next)) {
                    throw new AssertionError(next + " was expected, and " + answer + " came");
                }
                count = next;
                next++;
                long now = System.nanoTime();
                largestGapNanos = Math.max(largestGapNanos, now - last);
                last = now;
            }
        } catch (IOException | AssertionError e) {
            failure = e;
        }
    }

    /** Waits until it has counted on, on the same connection. */
    void awaitMore() {
        long from = count;
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> failure != null || count >= from + MORE);
        requireNoFailure();
    }

    /** Makes sure that it gets no answer for some time. */
    void assertStandsStill(Duration time) throws InterruptedException {
        long from = count;
        Thread.sleep(time.toMillis());
        if (count > from + 1 || failure != null) {
            throw new AssertionError("it has counted from " + from + " to " + count, failure);
        }
    }

    /** Gives up waiting for an answer that will not come. */
    void giveUp() throws IOException, InterruptedException {
        stopped = true;
        client.close();
        thread.join();
        failure = null;
    }

    private void requireNoFailure() {
        if (failure != null) {
            throw new AssertionError("the connection did not last", failure);
        }
    }

    /** Forgets how long it has waited so far. */
    void forgetGaps() {
        largestGapNanos = 0;
    }

    /** The longest wait for an answer so far. */
    Duration largestGap() {
        return Duration.ofNanos(largestGapNanos);
    }

    @Override
    public void close() throws InterruptedException, IOException {
        stopped = true;
        thread.join(Duration.ofSeconds(5).toMillis());
        client.close();
        requireNoFailure();
    }
}

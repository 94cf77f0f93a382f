package dev.ctr.lifecycle;

import java.time.Duration;

/** Measures a restore until the runtime is called, part by part: each begins where the one before has ended. Used by one thread. */
final class RestoreTimes {
    private final long begin = System.nanoTime();
    private long last = begin;
    private Duration unpack = Duration.ZERO;
    private Duration files = Duration.ZERO;
    private Duration prepare = Duration.ZERO;

    void unpacked() {
        unpack = sinceLast();
    }

    void filled() {
        files = sinceLast();
    }

    void prepared() {
        prepare = sinceLast();
    }

    private Duration sinceLast() {
        long now = System.nanoTime();
        Duration part = Duration.ofNanos(now - last);
        last = now;
        return part;
    }

    /** From the beginning until now. */
    Duration total() {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    RestorePhases phases() {
        return new RestorePhases(unpack, files, prepare);
    }
}

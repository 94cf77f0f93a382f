package dev.ctr.agent;

import java.util.function.Supplier;
import org.slf4j.Logger;

/** Warns at most so often that strangers cannot fill the disk with it. May be used by any thread. */
final class LimitedLog {
    private static final int LINES_A_MINUTE = 60;
    private static final long MINUTE_NANOS = 60_000_000_000L;

    private final Logger log;
    private long began = System.nanoTime();
    private int lines;

    LimitedLog(Logger log) {
        this.log = log;
    }

    synchronized void warn(Supplier<String> sentence) {
        long now = System.nanoTime();
        if (now - began > MINUTE_NANOS) {
            if (lines > LINES_A_MINUTE) {
                log.warn("{} more like that were not logged", lines - LINES_A_MINUTE);
            }
            began = now;
            lines = 0;
        }
        lines++;
        if (lines <= LINES_A_MINUTE) {
            log.warn(sentence.get());
        }
    }
}

package dev.ctr.cli.output;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.ctr.lifecycle.Progress;
import java.io.OutputStream;

/**
 * Shows on standard error how far something long has come: as one line that is written over, if standard error is a
 * terminal, or as JSON lines. What takes less than a second shows nothing. Safe for concurrent reports.
 */
public final class ProgressDisplay implements Progress, AutoCloseable {
    private static final long PATIENCE_NANOS = 1_000_000_000;
    private static final long INTERVAL_NANOS = 100_000_000;
    private static final String ERASED_LINE = "\r\u001b[K";

    private final Style style;
    private final TextOutput errors;

    @GuardedBy("this")
    private long nextNanos = System.nanoTime() + PATIENCE_NANOS;

    @GuardedBy("this")
    private boolean lineShown;

    /** How progress is shown. */
    public enum Style {
        /** One line on a terminal, nothing otherwise. */
        AUTO,
        /** A JSON object a line. */
        JSON
    }

    private ProgressDisplay(Style style, OutputStream errors) {
        this.style = style;
        this.errors = new TextOutput(errors);
    }

    /** Begins to count the second. */
    public static ProgressDisplay open(Style style, OutputStream errors) {
        return new ProgressDisplay(style, errors);
    }

    @Override
    public synchronized void report(String phase, long done, long expected) {
        long now = System.nanoTime();
        if (now - nextNanos < 0) {
            return;
        }
        nextNanos = now + INTERVAL_NANOS;
        if (style == Style.JSON) {
            errors.line(json(phase, done, expected)).flush();
        } else if (lineShown || StandardStream.ERRORS.isTerminal()) {
            errors.text(ERASED_LINE + line(phase, done, expected)).flush();
            lineShown = true;
        }
    }

    /** Takes the line away again. */
    @Override
    public synchronized void close() {
        if (lineShown) {
            errors.text(ERASED_LINE).flush();
            lineShown = false;
        }
    }

    static String line(String phase, long done, long expected) {
        return expected <= 0
                ? phase + "  " + HumanSize.of(done)
                : phase + "  " + HumanSize.of(done) + " / " + HumanSize.of(expected) + "  "
                        + Math.min(100, done * 100 / expected) + "%";
    }

    static String json(String phase, long done, long expected) {
        return "{\"phase\":\"" + phase + "\",\"done\":" + done + ",\"expected\":" + expected + "}";
    }
}

package dev.ctr.cli.migrate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.ctr.agent.migration.MigrationProgress;
import dev.ctr.agent.migration.MigrationSnapshot;
import dev.ctr.cli.output.HumanSize;
import dev.ctr.cli.output.StandardStream;
import dev.ctr.cli.output.TextOutput;
import java.io.OutputStream;
import java.util.Locale;

/** Shows on standard error how far a migration has come. Safe for concurrent reports. */
final class MigrationDisplay implements MigrationProgress, AutoCloseable {
    private static final String ERASED_LINE = "\r\u001b[K";
    private static final double MILLIS_PER_SECOND = 1000;

    private final Style style;
    private final boolean live;
    private final TextOutput errors;

    @GuardedBy("this")
    private String lastPhase = "";

    @GuardedBy("this")
    private boolean lineShown;

    /** How it is shown. */
    enum Style {
        /** One line that is written over on a terminal, nothing otherwise. */
        AUTO,
        /** A line for every phase and round. */
        PLAIN,
        /** A JSON object a line, four times a second. */
        JSON
    }

    MigrationDisplay(Style style, OutputStream errors) {
        this(style, style == Style.AUTO && StandardStream.ERRORS.isTerminal(), errors);
    }

    /** @param live whether a line can be written over */
    MigrationDisplay(Style style, boolean live, OutputStream errors) {
        this.style = style;
        this.live = live;
        this.errors = new TextOutput(errors);
    }

    @Override
    public synchronized void report(MigrationSnapshot now) {
        if (style == Style.JSON) {
            errors.line(json(now).toString()).flush();
        } else if (live) {
            errors.text(ERASED_LINE + line(now)).flush();
            lineShown = true;
        } else if (style == Style.PLAIN && !phase(now).equals(lastPhase)) {
            errors.line(line(now)).flush();
        }
        lastPhase = phase(now);
    }

    /** Takes the line away again. */
    @Override
    public synchronized void close() {
        if (lineShown) {
            errors.text(ERASED_LINE).flush();
            lineShown = false;
        }
    }

    private static String phase(MigrationSnapshot now) {
        return now.phase().equals("round") ? "round " + now.round() : now.phase();
    }

    static String line(MigrationSnapshot now) {
        StringBuilder line = new StringBuilder(phase(now))
                .append("  ")
                .append(HumanSize.of(now.bytesSent()))
                .append(" sent  ")
                .append(HumanSize.of(now.bytesPerSecond()))
                .append("/s");
        if (now.dirtyBytesPerSecond() > 0) {
            line.append("  dirty ")
                    .append(HumanSize.of(now.dirtyBytesPerSecond()))
                    .append("/s");
        }
        now.expectedDowntime()
                .ifPresent(time ->
                        line.append("  downtime about ").append(time.toMillis()).append(" ms"));
        return line.append(String.format(Locale.ROOT, "  %.1f s", now.elapsed().toMillis() / MILLIS_PER_SECOND))
                .toString();
    }

    static ObjectNode json(MigrationSnapshot now) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("phase", now.phase())
                .put("round", now.round())
                .put("bytes_sent", now.bytesSent())
                .put("bytes_per_second", now.bytesPerSecond())
                .put("dirty_bytes_per_second", now.dirtyBytesPerSecond());
        now.expectedDowntime().ifPresent(time -> json.put("expected_downtime_ms", time.toMillis()));
        return json.put("elapsed_ms", now.elapsed().toMillis());
    }
}

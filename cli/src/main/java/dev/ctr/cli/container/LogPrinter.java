package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Invocation.Streams;
import dev.ctr.cli.output.TextOutput;
import dev.ctr.lifecycle.LogLine;
import java.nio.charset.StandardCharsets;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.Consumer;

/** Writes log lines to the stream that they came from, byte for byte. Used by one thread. */
final class LogPrinter implements Consumer<LogLine> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSSXXX", Locale.ROOT);
    private static final byte[] LINE_END = {'\n'};
    private static final byte[] COLOR_END = "\u001b[0m\n".getBytes(StandardCharsets.US_ASCII);
    private static final int FIRST_COLOR = 30;

    /** podman's order of colours: white, red, green, yellow, blue, magenta, cyan. */
    private static final int[] COLORS = {7, 1, 2, 3, 4, 5, 6};

    private final TextOutput out;
    private final TextOutput err;
    private final String prefix;
    private final boolean timestamps;
    private final byte[] lineEnd;
    private boolean withinLine;

    /** @param lineEnd what follows each line */
    private LogPrinter(Streams streams, String prefix, boolean timestamps, byte[] lineEnd) {
        this.out = new TextOutput(streams.out());
        this.err = new TextOutput(streams.err());
        this.prefix = prefix;
        this.timestamps = timestamps;
        this.lineEnd = lineEnd;
    }

    static LogPrinter plain(Streams streams, String prefix, boolean timestamps) {
        return new LogPrinter(streams, prefix, timestamps, LINE_END);
    }

    /** @param index which of the containers it is, from 0 */
    static LogPrinter colored(Streams streams, String prefix, boolean timestamps, int index) {
        int color = FIRST_COLOR + COLORS[index % COLORS.length];
        return new LogPrinter(streams, "\u001b[" + color + "m" + prefix, timestamps, COLOR_END);
    }

    @Override
    public void accept(LogLine line) {
        TextOutput target = line.stream().equals("stderr") ? err : out;
        if (!withinLine) {
            target.text(prefix);
            if (timestamps) {
                target.text(line.time().format(TIME) + " ");
            }
        }
        target.bytes(line.content());
        if (!line.partial()) {
            target.bytes(lineEnd);
        }
        withinLine = line.partial();
        target.flush();
    }
}

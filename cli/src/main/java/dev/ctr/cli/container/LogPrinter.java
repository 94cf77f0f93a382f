package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Invocation.Streams;
import dev.ctr.cli.output.TextOutput;
import dev.ctr.lifecycle.LogLine;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.Consumer;

/** Writes log lines to the stream that they came from, byte for byte. Used by one thread. */
final class LogPrinter implements Consumer<LogLine> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSSXXX", Locale.ROOT);
    private static final byte[] LINE_END = {'\n'};

    private final TextOutput out;
    private final TextOutput err;
    private final String prefix;
    private final boolean timestamps;
    private boolean withinLine;

    LogPrinter(Streams streams, String prefix, boolean timestamps) {
        this.out = new TextOutput(streams.out());
        this.err = new TextOutput(streams.err());
        this.prefix = prefix;
        this.timestamps = timestamps;
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
            target.bytes(LINE_END);
        }
        withinLine = line.partial();
        target.flush();
    }
}

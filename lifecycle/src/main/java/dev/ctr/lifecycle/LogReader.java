package dev.ctr.lifecycle;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Reads a container's log in the form that conmon writes and the CRI defines: {@code TIME STREAM P|F CONTENT}, a line each.
 */
final class LogReader {
    private static final long POLL_MILLIS = 50;

    private final Path file;
    private final LogOptions options;

    LogReader(Path file, LogOptions options) {
        this.file = file;
        this.options = options;
    }

    /**
     * Hands every line that is asked for to the sink.
     *
     * @param ended whether nothing will be written any more; asked only when following
     */
    void read(Consumer<LogLine> sink, BooleanSupplier ended) throws IOException, InterruptedException {
        while (!Files.exists(file)) {
            if (!options.follow() || ended.getAsBoolean()) {
                return;
            }
            Thread.sleep(POLL_MILLIS);
        }
        Object opened = identity(file);
        InputStream in = open();
        try {
            readPresent(in, sink);
            while (options.follow()) {
                boolean last = ended.getAsBoolean();
                Object present = identity(opened);
                drain(in, sink);
                if (!present.equals(opened)) {
                    in.close();
                    opened = present;
                    in = open();
                    pending.reset();
                    drain(in, sink);
                }
                if (last) {
                    return;
                }
                Thread.sleep(POLL_MILLIS);
            }
        } finally {
            in.close();
        }
    }

    private InputStream open() throws IOException {
        return new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    }

    /** Which file has the log's name now: conmon puts an empty one in its place when it is as large as it may be. */
    private Object identity(Object ifMissing) throws IOException {
        try {
            Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
            return key == null ? ifMissing : key;
        } catch (NoSuchFileException e) {
            return ifMissing;
        }
    }

    private void readPresent(InputStream in, Consumer<LogLine> sink) throws IOException {
        if (options.tail() < 0) {
            pending.reset();
            drain(in, sink);
            return;
        }
        Deque<LogLine> last = new ArrayDeque<>();
        drain(in, line -> {
            last.addLast(line);
            if (last.size() > options.tail()) {
                last.removeFirst();
            }
        });
        last.forEach(sink);
    }

    /** The beginning of a line whose end has not been written yet. */
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();

    private void drain(InputStream in, Consumer<LogLine> sink) throws IOException {
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next == '\n') {
                parse(pending.toByteArray()).filter(options::includes).ifPresent(sink);
                pending.reset();
            } else {
                pending.write(next);
            }
        }
    }

    /** A line that is not of the form is passed over, as libpod does. */
    private static Optional<LogLine> parse(byte[] line) {
        String head = new String(line, 0, Math.min(line.length, 80), StandardCharsets.ISO_8859_1);
        String[] fields = head.split(" ", 4);
        if (fields.length < 4) {
            return Optional.empty();
        }
        try {
            OffsetDateTime time = OffsetDateTime.parse(fields[0]);
            int start = fields[0].length() + fields[1].length() + fields[2].length() + 3;
            byte[] content = java.util.Arrays.copyOfRange(line, start, line.length);
            return Optional.of(new LogLine(time, fields[1], fields[2].equals("P"), content));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}

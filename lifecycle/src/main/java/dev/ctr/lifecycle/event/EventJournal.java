package dev.ctr.lifecycle.event;

import dev.ctr.lifecycle.EngineException;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happened in an engine's root: {@code events/events.log}, one JSON object a line with the keys of {@code podman events
 * --format json}, and the 10 MiB before it in {@code events/events.log.1}.
 *
 * <p>Any number of threads and processes may write and follow the same journal; nothing is held between calls. Each event is
 * one write to the end of the file, which the kernel keeps apart from others' (open(2), O_APPEND), so writing takes no lock.
 * Events are a courtesy: what cannot be written down is logged and forgotten, and never fails what it is about. They are not
 * forced to the disk; a line that a power cut has torn is passed over.
 */
public final class EventJournal {
    static final int LONGEST_LINE = 1 << 20;
    private static final long DEFAULT_LIMIT = 10L << 20;
    private static final long POLL_MILLIS = 100;
    private static final Logger LOG = LoggerFactory.getLogger(EventJournal.class);

    private final Path directory;
    private final Path current;
    private final Path rotated;
    private final long limit;

    /**
     * The journal in an engine's root. Nothing is read or made before the first use.
     *
     * @param root the engine's root
     */
    public EventJournal(Path root) {
        this(root, DEFAULT_LIMIT);
    }

    EventJournal(Path root, long limit) {
        this.directory = root.resolve("events");
        this.current = directory.resolve("events.log");
        this.rotated = directory.resolve("events.log.1");
        this.limit = limit;
    }

    /** Writes an event down, if that is possible. Throws nothing. */
    public void record(Event event) {
        try {
            byte[] line = EventJson.line(event);
            if (line.length > LONGEST_LINE) {
                line = EventJson.line(event.withAttributes(Map.of()));
            }
            append(line);
        } catch (IOException | RuntimeException e) {
            LOG.warn("cannot write down the event {} of {}: {}", event.status().word(), event.name(), e.getMessage());
        }
    }

    private void append(byte[] line) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        long size = sizeOf(current);
        if (size + line.length > limit && size > 0) {
            rotate(line.length);
            size = sizeOf(current);
        }
        try (FileOutputStream out = new FileOutputStream(current.toFile(), true)) {
            out.write(endsInsideLine(size) ? onNewLine(line) : line);
        }
    }

    private static long sizeOf(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    private static byte[] onNewLine(byte[] line) {
        byte[] begun = new byte[line.length + 1];
        begun[0] = '\n';
        System.arraycopy(line, 0, begun, 1, line.length);
        return begun;
    }

    /** Whether a full disk or a power cut has torn the last line; the next one must not become a part of it. */
    private boolean endsInsideLine(long size) throws IOException {
        if (size == 0) {
            return false;
        }
        try (RandomAccessFile file = new RandomAccessFile(current.toFile(), "r")) {
            file.seek(Math.max(0, file.length() - 1));
            return file.read() != '\n';
        } catch (FileNotFoundException rotatedMeanwhile) {
            return false;
        }
    }

    /** Moves the full file out of the way, unless somebody else is doing it. */
    private void rotate(int coming) throws IOException {
        synchronized (EventJournal.class) {
            try (RandomAccessFile file =
                            new RandomAccessFile(directory.resolve("lock").toFile(), "rw");
                    FileLock lock = file.getChannel().tryLock()) {
                if (lock != null && sizeOf(current) + coming > limit) {
                    Files.move(current, rotated, StandardCopyOption.ATOMIC_MOVE);
                }
            }
        }
    }

    /**
     * Hands on the events that are asked for, oldest first. Returns at the journal's end or, when following, when cancelled or
     * at the time until which is asked.
     *
     * @throws EngineException with {@code IO} when the journal cannot be read, {@code CANCELLED} when the thread is interrupted
     */
    public void read(EventQuery query, Consumer<Event> sink) {
        Consumer<Event> wanted = event -> {
            if (query.wants(event)) {
                sink.accept(event);
            }
        };
        try (Reading reading = new Reading(query.onlyNew())) {
            reading.toEnd(wanted);
            while (query.follow() && !query.isOver(Instant.now())) {
                Thread.sleep(POLL_MILLIS);
                reading.toEnd(wanted);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException(EngineException.Code.CANCELLED, "interrupted while following the events", e);
        } catch (IOException e) {
            throw new EngineException(EngineException.Code.IO, "cannot read the events: " + e.getMessage(), e);
        }
    }

    /** A reader's place in the journal, which moves on with rotations. */
    private final class Reading implements AutoCloseable {
        private @Nullable JournalFile at;

        Reading(boolean fromEnd) throws IOException {
            if (fromEnd) {
                at = open(current).orElse(null);
                if (at != null) {
                    at.skipToEnd();
                }
            } else {
                at = open(rotated).orElse(null);
            }
        }

        /** Reads to the end of the newest file. A file that was rotated away is left only when nothing more came to it. */
        void toEnd(Consumer<Event> sink) throws IOException, InterruptedException {
            while (true) {
                JournalFile before = at;
                if (before != null) {
                    before.read(sink);
                    if (isAt(before, current)) {
                        return;
                    }
                    Thread.sleep(1);
                    before.read(sink);
                }
                Optional<JournalFile> next = next(before);
                if (next.isEmpty()) {
                    return;
                }
                if (before != null) {
                    before.close();
                }
                at = next.get();
            }
        }

        /** The file after this one: the rotated one if the journal was rotated more than once meanwhile. */
        private Optional<JournalFile> next(@Nullable JournalFile before) throws IOException {
            boolean missedOne = before != null && !isAt(before, rotated) && Files.exists(rotated);
            return open(missedOne ? rotated : current);
        }

        private boolean isAt(JournalFile file, Path path) throws IOException {
            try {
                return file.isAt(path);
            } catch (NoSuchFileException e) {
                return false;
            }
        }

        private Optional<JournalFile> open(Path path) throws IOException {
            try {
                return Optional.of(JournalFile.open(path));
            } catch (FileNotFoundException | NoSuchFileException e) {
                return Optional.empty();
            }
        }

        @Override
        public void close() throws IOException {
            if (at != null) {
                at.close();
            }
        }
    }
}

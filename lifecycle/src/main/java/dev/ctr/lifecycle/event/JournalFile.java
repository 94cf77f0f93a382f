package dev.ctr.lifecycle.event;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.Consumer;

/** One file of the journal that is being read. It stays open, and readable, when it is rotated away. */
final class JournalFile implements Closeable {
    private static final int CHUNK = 1 << 16;

    private final RandomAccessFile file;
    private final Object key;
    private final byte[] chunk = new byte[CHUNK];
    /** The beginning of a line whose end has not been written yet. */
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();

    private JournalFile(RandomAccessFile file, Object key) {
        this.file = file;
        this.key = key;
    }

    /** Opens a file at its beginning. */
    static JournalFile open(Path path) throws IOException {
        while (true) {
            Object key = keyOf(path);
            RandomAccessFile file = new RandomAccessFile(path.toFile(), "r");
            JournalFile opened = new JournalFile(file, key);
            if (opened.isAt(path)) {
                return opened;
            }
            opened.close();
        }
    }

    /** What tells one file from another, whatever their names. */
    private static Object keyOf(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    /** Whether the path names this very file. */
    boolean isAt(Path path) throws IOException {
        return keyOf(path).equals(key);
    }

    /** Passes over what there is. */
    void skipToEnd() throws IOException {
        file.seek(file.length());
    }

    /**
     * Hands on the events of all lines that are complete by now.
     *
     * @return whether anything was read
     */
    boolean read(Consumer<Event> sink) throws IOException {
        boolean any = false;
        for (int count = file.read(chunk); count > 0; count = file.read(chunk)) {
            any = true;
            for (int i = 0; i < count; i++) {
                if (chunk[i] == '\n') {
                    EventJson.parse(begun.toByteArray()).ifPresent(sink);
                    begun.reset();
                } else if (begun.size() < EventJournal.LONGEST_LINE) {
                    begun.write(chunk[i]);
                }
            }
        }
        return any;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

package dev.ctr.archive.inspect;

import dev.ctr.criu.image.PageRun;
import dev.ctr.criu.image.StoredRun;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What tells pages of an archive apart: 8 bytes a page, kept in files, since their number grows with the container. A page of
 * zeros has 0. Not for concurrent use.
 */
final class PageDigests implements Closeable {
    /** The digest of a page of zeros. */
    static final long ZERO = 0;

    private static final byte[] ZEROS = new byte[PageRun.PAGE_SIZE];
    private static final int WINDOW = 8192;

    private final Path directory;
    private final boolean hashing;
    private final MessageDigest sha256;
    private final Map<String, Window> windows = new HashMap<>();

    /**
     * Digests that will be kept in a directory.
     *
     * @param hashing whether pages are told from each other, or just from those of zeros, which is quicker
     */
    PageDigests(Path directory, boolean hashing) {
        this.directory = directory;
        this.hashing = hashing;
        try {
            this.sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first 64 bits of the page's SHA-256, never that of a page of zeros unless it is one. */
    private long digest(byte[] page) {
        if (Arrays.equals(page, ZEROS)) {
            return ZERO;
        }
        return hashing ? Math.max(1, ByteBuffer.wrap(sha256.digest(page)).getLong() >>> 1) : 1;
    }

    /** Takes the pages of an entry one after the other. */
    Sink sink(String entry) throws IOException {
        try {
            OutputStream file =
                    Files.newOutputStream(file(entry), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            return new Sink(new DataOutputStream(new BufferedOutputStream(file, 1 << 16)));
        } catch (FileAlreadyExistsException e) {
            throw new IOException("entry \"" + entry + "\" is there twice: do not trust this archive", e);
        }
    }

    private Path file(String entry) {
        return directory.resolve(entry.replace('/', '!') + ".digests");
    }

    /** Where the digests of an entry go. */
    final class Sink implements Closeable {
        private final DataOutputStream out;

        private Sink(DataOutputStream out) {
            this.out = out;
        }

        void add(byte[] page) throws IOException {
            out.writeLong(digest(page));
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    /**
     * The digest of a page of a run.
     *
     * @param entry the archive's entry with the run
     * @param index which page of the run
     */
    long of(String entry, StoredRun run, long index) throws IOException {
        Window window = windows.get(entry);
        if (window == null) {
            if (!Files.exists(file(entry))) {
                throw new IOException("the archive has no entry \"" + entry + "\": it is not whole");
            }
            window = new Window(FileChannel.open(file(entry)), entry);
            windows.put(entry, window);
        }
        return window.at(run.firstPage() + index);
    }

    /** A part of a file of digests. Walks go through it almost from front to back. */
    private static final class Window implements Closeable {
        private final FileChannel channel;
        private final String entry;
        private final ByteBuffer buffer =
                ByteBuffer.allocate(WINDOW * Long.BYTES).limit(0);
        private long first;

        Window(FileChannel channel, String entry) {
            this.channel = channel;
            this.entry = entry;
        }

        long at(long page) throws IOException {
            if (page < first || page >= first + buffer.limit() / Long.BYTES) {
                load(page);
            }
            return buffer.getLong((int) (page - first) * Long.BYTES);
        }

        private void load(long page) throws IOException {
            buffer.clear();
            first = page;
            int read = 0;
            while (buffer.hasRemaining() && read >= 0) {
                read = channel.read(buffer, page * Long.BYTES + buffer.position());
            }
            buffer.flip();
            if (buffer.limit() < Long.BYTES) {
                throw new IOException("entry \"%s\" is cut off: it has no page %d".formatted(entry, page));
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @Override
    public void close() throws IOException {
        for (Window window : windows.values()) {
            window.close();
        }
    }
}

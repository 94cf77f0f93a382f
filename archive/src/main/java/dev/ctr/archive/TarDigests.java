package dev.ctr.archive;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The SHA-256 digests of a tar: one of the content of each file, and one of everything between, so that each byte is hashed
 * once. What is long is hashed by a thread of its own, which starts with the second batch of bytes and ends with {@link #finish} or
 * {@link #close}. To be called by one thread.
 */
final class TarDigests implements Closeable {
    private static final int BATCHES_IN_FLIGHT = 8;

    private final BlockingQueue<Batch> full = new ArrayBlockingQueue<>(BATCHES_IN_FLIGHT);
    private final BlockingQueue<Batch> empty = new ArrayBlockingQueue<>(BATCHES_IN_FLIGHT);
    private final Hashing hashing = new Hashing();
    private Batch batch = new Batch();
    private int batches = 1;
    private @Nullable Thread thread;

    /**
     * What was hashed.
     *
     * @param contents of each file, in their order
     * @param layout of everything between, up to the last mark
     */
    record Result(List<String> contents, String layout) {}

    /** Takes bytes that are no content. */
    void layout(byte[] bytes, int offset, int length) throws IOException {
        append(Step.LAYOUT, bytes, offset, length);
    }

    /** Takes bytes of a file's content. */
    void content(byte[] bytes, int offset, int length) throws IOException {
        append(Step.CONTENT, bytes, offset, length);
    }

    /** Ends the content of a file. */
    void endContent() throws IOException {
        note(Step.END_OF_CONTENT, 0);
    }

    /** Remembers what the layout is here. */
    void mark() throws IOException {
        note(Step.MARK, 0);
    }

    /** The digests of all that came, and the end of the thread. */
    Result finish() throws IOException {
        Thread running = thread;
        if (running == null) {
            hashing.take(batch);
        } else {
            thread = null;
            batch.last = true;
            try {
                full.put(batch);
                running.join();
            } catch (InterruptedException e) {
                running.interrupt();
                throw interrupted();
            }
        }
        return new Result(List.copyOf(hashing.contents), hashing.marked);
    }

    @Override
    public void close() {
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void append(Step step, byte[] bytes, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            int part = Math.min(length - done, batch.room());
            System.arraycopy(bytes, offset + done, batch.bytes, batch.used, part);
            batch.used += part;
            note(step, part);
            done += part;
        }
    }

    private void note(Step step, int length) throws IOException {
        batch.note(step, length);
        if (batch.isFull()) {
            handOver();
        }
    }

    private void handOver() throws IOException {
        if (thread == null) {
            thread = new Thread(this::run, "archive-digests");
            thread.setDaemon(true);
            thread.start();
        }
        try {
            full.put(batch);
            Batch free = empty.poll();
            if (free == null && batches < BATCHES_IN_FLIGHT) {
                batches++;
                free = new Batch();
            }
            batch = free == null ? empty.take() : free;
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private void run() {
        try {
            boolean last = false;
            while (!last) {
                Batch next = full.take();
                hashing.take(next);
                last = next.last;
                next.clear();
                empty.put(next);
            }
        } catch (InterruptedException closed) {
            // Nobody wants the digests any more.
        }
    }

    private static IOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while hashing an archive");
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private enum Step {
        LAYOUT,
        CONTENT,
        END_OF_CONTENT,
        MARK
    }

    /** Bytes, and what is to be done with them. */
    private static final class Batch {
        private static final int SIZE = 1 << 18;
        private static final int MAX_STEPS = 1 << 12;

        final byte[] bytes = new byte[SIZE];
        private final Step[] steps = new Step[MAX_STEPS];
        private final int[] lengths = new int[MAX_STEPS];
        int used;
        int count;
        boolean last;

        int room() {
            return SIZE - used;
        }

        boolean isFull() {
            return used == SIZE || count == MAX_STEPS;
        }

        void note(Step step, int length) {
            steps[count] = step;
            lengths[count] = length;
            count++;
        }

        void clear() {
            used = 0;
            count = 0;
        }
    }

    /** The digests so far; of the thread, while there is one. */
    private static final class Hashing {
        private final MessageDigest layout = sha256();
        private final MessageDigest content = sha256();
        private final List<String> contents = new ArrayList<>();
        private String marked = "";

        void take(Batch batch) {
            int at = 0;
            for (int i = 0; i < batch.count; i++) {
                int length = batch.lengths[i];
                switch (batch.steps[i]) {
                    case LAYOUT -> layout.update(batch.bytes, at, length);
                    case CONTENT -> content.update(batch.bytes, at, length);
                    case END_OF_CONTENT -> contents.add(HexFormat.of().formatHex(content.digest()));
                    case MARK -> marked = digestSoFar(layout);
                }
                at += length;
            }
        }

        private static String digestSoFar(MessageDigest digest) {
            try {
                return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
            } catch (CloneNotSupportedException e) {
                throw new IllegalStateException("Java's own SHA-256 can be cloned", e);
            }
        }
    }
}

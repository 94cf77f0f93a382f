package dev.ctr.agent.transfer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One byte stream from the other host, in order. Chunks come in any order and as often as they like; what is held never exceeds
 * {@link OutgoingStreams#WINDOW}. Read by one thread, fed by any.
 */
public final class ChunkReceiver extends InputStream {
    private final String name;
    private final Runnable progressed;

    @GuardedBy("this")
    private final TreeMap<Long, ChunkData> chunks = new TreeMap<>();

    /** All before has been read. */
    @GuardedBy("this")
    private long consumed;

    /** All before has arrived; one more than the stream's length when its end has. */
    @GuardedBy("this")
    private long received;

    @GuardedBy("this")
    private long length = -1;

    @GuardedBy("this")
    private @Nullable IOException failure;

    /** @param progressed called whenever {@link #received} or {@link #limit} grew, on the thread that made it grow */
    ChunkReceiver(String name, Runnable progressed) {
        this.name = name;
        this.progressed = progressed;
    }

    /** @throws IOException if the sender did not keep to the window, or contradicts itself */
    void accept(ChunkData chunk) throws IOException {
        if (chunk.data().isEmpty() && !chunk.last()) {
            throw new IOException("the sender of " + name + " sent an empty chunk");
        }
        synchronized (this) {
            if (chunk.end() <= received || chunks.containsKey(chunk.position())) {
                return;
            }
            if (chunk.position() + chunk.data().size() > limit()) {
                throw new IOException("the sender of " + name + " did not wait for the receiver");
            }
            if (length >= 0 && (chunk.last() || chunk.end() > length)) {
                throw new IOException("the sender of " + name + " goes on behind the end");
            }
            if (chunk.position() % ChunkData.LARGEST != 0
                    || (!chunk.last() && chunk.data().size() != ChunkData.LARGEST)) {
                throw new IOException("the sender of " + name + " cuts it otherwise than the protocol says");
            }
            chunks.put(chunk.position(), chunk);
            if (chunk.last()) {
                length = chunk.position() + chunk.data().size();
            }
            advance();
            notifyAll();
        }
        progressed.run();
    }

    @GuardedBy("this")
    private void advance() {
        ChunkData next = chunks.get(received);
        while (next != null) {
            received = next.end();
            next = next.last() ? null : chunks.get(received);
        }
    }

    synchronized long received() {
        return received;
    }

    /** Bytes from here on may not come yet. */
    synchronized long limit() {
        return consumed + OutgoingStreams.WINDOW;
    }

    /** Ends it before its end: the reader gets this failure. */
    synchronized void fail(IOException reason) {
        if (failure == null) {
            failure = reason;
        }
        chunks.clear();
        notifyAll();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int wanted) throws IOException {
        if (wanted == 0) {
            return 0;
        }
        int count;
        boolean emptied;
        synchronized (this) {
            if (!awaitByte()) {
                return -1;
            }
            ChunkData chunk = chunks.floorEntry(consumed).getValue();
            int begin = Math.toIntExact(consumed - chunk.position());
            count = Math.min(wanted, chunk.data().size() - begin);
            chunk.data().substring(begin, begin + count).copyTo(bytes, offset);
            consumed += count;
            emptied = consumed == chunk.position() + chunk.data().size();
            if (emptied) {
                chunks.remove(chunk.position());
            }
        }
        if (emptied) {
            progressed.run();
        }
        return count;
    }

    /** Waits for the next byte; false at the end. */
    @GuardedBy("this")
    private boolean awaitByte() throws IOException {
        try {
            while (failure == null && consumed != length && received <= consumed) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("waiting for the sender was interrupted");
        }
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
        return consumed != length;
    }

    /** Takes what is still to come and forgets it. */
    @Override
    public void close() throws IOException {
        byte[] rest = new byte[1 << 16];
        try {
            int count = read(rest);
            while (count >= 0) {
                count = read(rest);
            }
        } catch (IOException broken) {
            // Whoever reads had what it wanted.
            return;
        }
    }
}

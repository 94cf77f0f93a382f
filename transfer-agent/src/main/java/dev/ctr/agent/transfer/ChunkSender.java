package dev.ctr.agent.transfer;

import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;

/**
 * One byte stream on its way to the other host. Writing waits while the receiver has no room; {@link #close} returns when the
 * receiver has everything, which does not mean that anybody there has read it. Used by one thread.
 */
public final class ChunkSender extends OutputStream {
    private final OutgoingStreams streams;
    private final String name;
    private byte[] buffer = new byte[ChunkData.LARGEST];
    private int filled;
    private long position;
    private boolean ended;

    ChunkSender(OutgoingStreams streams, String name) {
        this.streams = streams;
        this.name = name;
        streams.begin(name);
    }

    /** What the receiver knows the stream by. */
    public String name() {
        return name;
    }

    /** How many bytes were written so far. */
    public long written() {
        return position + filled;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (ended) {
            throw new IOException("the stream " + name + " has ended");
        }
        int done = 0;
        while (done < length) {
            int step = Math.min(length - done, buffer.length - filled);
            System.arraycopy(bytes, offset + done, buffer, filled, step);
            filled += step;
            done += step;
            if (filled == buffer.length) {
                send(false);
            }
        }
    }

    private void send(boolean last) throws IOException {
        ChunkData chunk = new ChunkData(name, position, UnsafeByteOperations.unsafeWrap(buffer, 0, filled), last);
        try {
            streams.put(chunk);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("sending was interrupted");
        }
        position += filled;
        filled = 0;
        buffer = last ? new byte[0] : new byte[ChunkData.LARGEST];
    }

    @Override
    public void close() throws IOException {
        if (ended) {
            return;
        }
        ended = true;
        send(true);
        try {
            streams.awaitReceived(name, position + 1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("waiting for the receiver was interrupted");
        }
    }
}

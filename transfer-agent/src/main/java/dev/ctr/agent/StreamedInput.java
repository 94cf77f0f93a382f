package dev.ctr.agent;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Bytes that come in messages, for one reader that waits for them. Messages are asked for one at a time, so that no more
 * than two are ever held. {@link #offer} and {@link #end} are called by the call's thread.
 */
final class StreamedInput extends InputStream {
    private final Runnable askForMore;
    private final Queue<ByteString> waiting = new ArrayDeque<>();
    private ByteString present = ByteString.EMPTY;
    private boolean ended;

    StreamedInput(Runnable askForMore) {
        this.askForMore = askForMore;
    }

    synchronized void offer(ByteString bytes) {
        waiting.add(bytes);
        notifyAll();
    }

    /** No more will come. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    @Override
    public synchronized int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (present.isEmpty()) {
            if (!next()) {
                return -1;
            }
        }
        int count = Math.min(length, present.size());
        present.substring(0, count).copyTo(target, offset);
        present = present.substring(count);
        return count;
    }

    private boolean next() throws IOException {
        try {
            while (waiting.isEmpty() && !ended) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for input", e);
        }
        ByteString first = waiting.poll();
        if (first == null) {
            return false;
        }
        present = first;
        askForMore.run();
        return true;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) == -1 ? -1 : one[0] & 0xff;
    }

    @Override
    public void close() {
        end();
    }
}

package dev.ctr.archive;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Writes to a file and has the disk take what is written while more is on its way, so that little is left to wait for at the
 * end. Left alone, the kernel would begin only when a tenth of the memory is to be written (vm.dirty_background_ratio). A write
 * to the disk that failed fails the next write here, or the end: the kernel tells of it once only. For one thread.
 */
final class WriteBehind extends OutputStream {
    /** How much is written before the disk is asked to take it, in bytes. */
    private static final long STRIDE = 16 << 20;

    private final FileChannel channel;
    private CompletableFuture<Void> forcing = CompletableFuture.completedFuture(null);
    private long unforced;
    private boolean closed;

    WriteBehind(FileChannel channel) {
        this.channel = channel;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        unforced += length;
        if (unforced >= STRIDE && forcing.isDone()) {
            awaitForced();
            unforced = 0;
            forcing = inBackground(false);
        }
    }

    /** Ends the writing. The disk goes on taking what it does not have yet, until {@link #finish}. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            forcing = forcing.thenCompose(taken -> inBackground(true));
        }
    }

    /** Returns when everything is on the disk, and closes the file. */
    void finish() throws IOException {
        close();
        try (channel) {
            awaitForced();
        }
    }

    /** Closes the file, whatever the disk has of it. */
    void abandon() throws IOException {
        closed = true;
        channel.close();
    }

    private CompletableFuture<Void> inBackground(boolean withMetadata) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        channel.force(withMetadata);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                WriteBehind::start);
    }

    private static void start(Runnable force) {
        Thread thread = new Thread(force, "write-behind");
        thread.setDaemon(true);
        thread.start();
    }

    private void awaitForced() throws IOException {
        try {
            forcing.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new IOException(
                    "the disk did not take what was written",
                    cause instanceof UncheckedIOException wrapped ? wrapped.getCause() : cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the disk takes what was written");
        }
    }
}

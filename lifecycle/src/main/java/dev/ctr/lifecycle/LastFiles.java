package dev.ctr.lifecycle;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The last round of {@link FilesAhead}, sent in a thread of its own: the volumes as soon as the tasks are frozen, beside the dump, and
 * the root file system when CRIU, which makes directories there itself, is done with it.
 */
final class LastFiles {
    private static final FilesAhead.Content NOTHING = new FilesAhead.Content(0, 0);
    private static final long FREEZE_POLL_MILLIS = 2;

    private final HandOver handOver;
    private final Frozen frozen;
    private final CompletableFuture<Void> dumping;
    private final CountDownLatch dumped = new CountDownLatch(1);
    private final CompletableFuture<FilesAhead.Content> sending;

    /** Whether the tasks are frozen. */
    interface Frozen {
        boolean isSo() throws IOException;
    }

    /**
     * Begins to wait for the freeze.
     *
     * @param files what was sent ahead; if nothing was, nothing is sent now
     * @param dumping ends before the dump is complete if that fails: then nothing is sent any more
     */
    LastFiles(Optional<FilesAhead> files, HandOver handOver, Frozen frozen, CompletableFuture<Void> dumping) {
        this.handOver = handOver;
        this.frozen = frozen;
        this.dumping = dumping;
        this.sending = files.isPresent()
                ? Background.call("files", () -> send(files.get()))
                : CompletableFuture.completedFuture(NOTHING);
    }

    /** The dump is complete. */
    void dumped() {
        dumped.countDown();
    }

    /**
     * Waits until everything was sent.
     *
     * @throws IOException if it could not be
     */
    FilesAhead.Content await() throws IOException {
        try {
            return sending.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof UncheckedIOException failure ? failure.getCause() : new IOException(e);
        }
    }

    private FilesAhead.Content send(FilesAhead files) {
        try {
            boolean begin = frozen.isSo();
            while (!begin) {
                begin = isDumped() || frozen.isSo();
            }
            try (OutputStream out = handOver.files()) {
                return files.sendLast(out, this::awaitDumped);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new UncheckedIOException(new InterruptedIOException("sending files was interrupted"));
        }
    }

    private void awaitDumped() throws IOException, InterruptedException {
        boolean done = isDumped();
        while (!done) {
            done = isDumped();
        }
    }

    /** Waits a little for the end of the dump. */
    private boolean isDumped() throws IOException, InterruptedException {
        if (dumped.await(FREEZE_POLL_MILLIS, TimeUnit.MILLISECONDS)) {
            return true;
        }
        if (dumping.isDone()) {
            throw new IOException("the container was not dumped");
        }
        return false;
    }
}

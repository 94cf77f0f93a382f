package dev.ctr.agent.migration;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;

/** Decides between the end of a migration and its cancellation: whichever comes first. */
final class CommitGate {
    /** Why a migration ends that was cancelled. */
    static final String CANCELLED = "it was cancelled";

    @GuardedBy("this")
    private boolean cancelled;

    @GuardedBy("this")
    private boolean closed;

    /** Whether it could still be cancelled, and now is. */
    synchronized boolean cancel() {
        cancelled |= !closed;
        return cancelled;
    }

    /** @throws IOException if it was cancelled */
    synchronized void check() throws IOException {
        if (cancelled) {
            throw new IOException(CANCELLED);
        }
    }

    /**
     * From now on it cannot be cancelled.
     *
     * @throws IOException if it was
     */
    synchronized void close() throws IOException {
        check();
        closed = true;
    }
}

package dev.ctr.lifecycle;

import java.io.IOException;

/** Several calls on one container under one lock. Belongs to the thread that holds the lock, and ends with it. */
final class Batch {
    private final LockedContainer container;
    private final Thread owner = Thread.currentThread();
    private boolean ended;

    Batch(LockedContainer container) {
        this.container = container;
        container.deferSaves();
    }

    /** The container, brought up to date, for one of the calls. */
    LockedContainer enter() throws IOException, InterruptedException {
        if (ended || Thread.currentThread() != owner) {
            throw new IllegalStateException(
                    "the container of a batch can be used by the batch's own thread only, and not after the batch");
        }
        container.synchronize();
        return container;
    }

    /** Saves what could wait. */
    void end() throws IOException {
        ended = true;
        container.saveDeferred();
    }
}

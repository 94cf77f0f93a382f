package dev.ctr.lifecycle;

import java.io.IOException;
import java.io.OutputStream;

/**
 * What the other side does while a container that is handed over waits, frozen, at a gate. All of it is called by the thread that
 * called {@link Container#handOver}, in the order of the methods here.
 *
 * <p>Until {@link #commit} is called the container is this host's: whatever fails, it goes on here with its connections.
 */
public interface HandOver {
    /** How it went, as the other side knows. */
    enum Outcome {
        /** The other side has acknowledged that the container runs there. */
        RUNS,
        /** The other side's word that the container has not run there and never will. */
        NEVER_RAN
    }

    /**
     * Where the archive goes: all that {@code ctr checkpoint -e} writes. Asked for before anything is frozen; closed when the
     * archive is complete, while the tasks are frozen.
     */
    OutputStream archive() throws IOException;

    /**
     * Where the last round of {@link FilesAhead} goes, if files were sent ahead. Unlike the rest this is called by a thread of its own,
     * when the tasks are frozen; closed when the round is complete, before {@link #awaitHeld}.
     */
    default OutputStream files() throws IOException {
        throw new IOException("nothing was prepared for the files");
    }

    /**
     * Returns when the other side holds the restored container and it is able to run. The source uses the time to write its
     * images to the disk.
     *
     * @throws IOException or any other exception if the hand-over is not to be: the container goes on here
     */
    void awaitHeld() throws IOException, InterruptedException;

    /**
     * Gives the other side the right to run, and waits for its word. Called after this host has noted, durably, that it has given
     * the container away.
     *
     * @throws IOException or any other exception if the word did not come: the container is in doubt. It stays frozen until {@link
     *     Container#settleHandOver}
     */
    Outcome commit() throws IOException, InterruptedException;
}

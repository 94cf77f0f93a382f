package dev.ctr.lifecycle;

import java.io.IOException;

/**
 * What decides about a container that is taken over from another host: it is restored and held at a gate before it has run an
 * instruction.
 */
public interface TakeOver {
    /**
     * What names this hand-over, such as a migration's ID and epoch: 1 to 256 characters. {@link Engine#taken} tells by it whether
     * the container was given the right to run.
     */
    String token();

    /**
     * The container is restored and held, and what is needed to restore it once more is on the disk. Returning gives it the right to
     * run, which is written to the disk before it does: from then on it is this host's, whoever dies. Called by the thread that
     * called {@link Engine#takeOver}.
     *
     * @throws IOException or any other exception if it is not to run: everything is undone, and it never will
     */
    void held(ContainerId id) throws IOException, InterruptedException;
}

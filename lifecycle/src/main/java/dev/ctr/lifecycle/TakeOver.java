package dev.ctr.lifecycle;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * What decides about a container that is taken over from another host: it is restored and held at a gate before it has run an
 * instruction. All of it is called by the thread that called {@link Engine#takeOver}, in the order of the methods here.
 */
public interface TakeOver {
    /**
     * What names this hand-over, such as a migration's ID and epoch: 1 to 256 characters. {@link Engine#taken} tells by it whether
     * the container was given the right to run.
     */
    String token();

    /**
     * What the source's {@link Rehearsal} has written, if there is one: by it the container and its networks are made before there is an
     * archive. Asked for first, read to its end, and closed.
     */
    default Optional<InputStream> rehearsal() throws IOException, InterruptedException {
        return Optional.empty();
    }

    /**
     * The archive, which is read once, to its end before the container is held, and closed. Asked for when everything that the rehearsal
     * told of has been made: the source may freeze the container now.
     *
     * @throws IOException or any other exception if there will be none: everything is undone
     */
    InputStream archive() throws IOException, InterruptedException;

    /**
     * The container is restored and held, and what is needed to restore it once more is on the disk. Returning gives it the right to
     * run, which is written to the disk before it does: from then on it is this host's, whoever dies.
     *
     * @throws IOException or any other exception if it is not to run: everything is undone, and it never will
     */
    void held(ContainerId id) throws IOException, InterruptedException;
}

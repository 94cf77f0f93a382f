package dev.ctr.lifecycle;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** A container's {@link LockFile}, which is missing when the container is. */
final class ContainerLock implements AutoCloseable {
    private final LockFile held;

    private ContainerLock(LockFile held) {
        this.held = held;
    }

    /**
     * Waits for the lock. The file is made if only its directory exists.
     *
     * @throws EngineException with NO_SUCH_CONTAINER if that does not
     */
    static ContainerLock acquire(Path file) throws IOException {
        try {
            return new ContainerLock(LockFile.acquire(file));
        } catch (NoSuchFileException e) {
            throw missing(file);
        }
    }

    /** As {@link #acquire}, but takes the lock only if nobody has it. */
    static Optional<ContainerLock> tryAcquire(Path file) throws IOException {
        try {
            return LockFile.tryAcquire(file).map(ContainerLock::new);
        } catch (NoSuchFileException e) {
            throw missing(file);
        }
    }

    private static EngineException missing(Path file) {
        return ContainerStore.noSuchContainer(String.valueOf(file.getName(file.getNameCount() - 2)));
    }

    @Override
    public void close() throws IOException {
        held.close();
    }
}

package dev.ctr.lifecycle;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A container's {@link LockFile}, which is missing when the container is. */
final class ContainerLock implements AutoCloseable {
    private static final Duration COMPLAINT = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(ContainerLock.class);

    private final LockFile held;

    private ContainerLock(LockFile held) {
        this.held = held;
    }

    /**
     * Waits for the lock, and says who has it if that takes long. The file is made if only its directory exists.
     *
     * @throws EngineException with NO_SUCH_CONTAINER if that does not
     */
    static ContainerLock acquire(Path file) throws IOException {
        Optional<ContainerLock> free = tryAcquire(file);
        if (free.isPresent()) {
            return free.get();
        }
        CompletableFuture<Void> complaint = CompletableFuture.runAsync(
                () -> complain(file), CompletableFuture.delayedExecutor(COMPLAINT.toMillis(), TimeUnit.MILLISECONDS));
        try {
            return new ContainerLock(LockFile.acquire(file));
        } catch (NoSuchFileException e) {
            throw missing(file);
        } finally {
            complaint.cancel(false);
        }
    }

    private static void complain(Path file) {
        try {
            LockHolder.of(file)
                    .ifPresent(holder -> LOG.warn(
                            "waiting for container {}, with which process {} is busy{}",
                            id(file),
                            holder.pid(),
                            holder.stopped()
                                    ? "; it is stopped, and kill -CONT " + holder.pid() + " lets it go on"
                                    : ""));
        } catch (IOException e) {
            LOG.debug("who has the lock {} cannot be told: {}", file, e.getMessage());
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
        return ContainerStore.noSuchContainer(id(file));
    }

    private static String id(Path file) {
        return String.valueOf(file.getName(file.getNameCount() - 2));
    }

    @Override
    public void close() throws IOException {
        held.close();
    }
}

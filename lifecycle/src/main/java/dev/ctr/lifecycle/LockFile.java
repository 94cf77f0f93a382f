package dev.ctr.lifecycle;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A lock on a file that holds across the processes and threads of this host, and ends with its process however that ends. All
 * users of a file must spell its path the same way.
 *
 * <p>The file lock is the kernel's (POSIX record lock) and belongs to the process; a lock in memory, one a file, keeps the
 * process's own threads apart and guards the file lock from being dropped, since closing any descriptor of a file drops
 * the process's locks on it. Re-entrant within a thread, which must also be the one that closes it.
 */
public final class LockFile implements AutoCloseable {
    private static final long DEADLOCK_PAUSE_NANOS = 2_000_000;
    private static final ConcurrentMap<Path, ReentrantLock> IN_PROCESS = new ConcurrentHashMap<>();

    private final ReentrantLock inProcess;
    private final @Nullable FileChannel channel;

    private LockFile(ReentrantLock inProcess, @Nullable FileChannel channel) {
        this.inProcess = inProcess;
        this.channel = channel;
    }

    /**
     * Waits for the lock. The file is made if only its directory exists.
     *
     * @throws java.nio.file.NoSuchFileException if that does not exist, or the file was deleted while waiting
     * @throws java.nio.channels.FileLockInterruptionException when the thread is interrupted while it waits
     */
    public static LockFile acquire(Path file) throws IOException {
        ReentrantLock inProcess = inProcess(file);
        inProcess.lock();
        return locked(inProcess, file, true).orElseThrow();
    }

    /** As {@link #acquire}, but takes the lock only if nobody has it. */
    public static Optional<LockFile> tryAcquire(Path file) throws IOException {
        ReentrantLock inProcess = inProcess(file);
        return inProcess.tryLock() ? locked(inProcess, file, false) : Optional.empty();
    }

    /** Waits for the lock as {@link #acquire} does, and does the work while holding it. */
    public static <T> T holding(Path file, IoWork<T> work) throws IOException {
        try (LockFile ignored = acquire(file)) {
            return work.run();
        }
    }

    private static ReentrantLock inProcess(Path file) {
        return IN_PROCESS.computeIfAbsent(file, path -> new ReentrantLock());
    }

    private static Optional<LockFile> locked(ReentrantLock inProcess, Path file, boolean wait) throws IOException {
        boolean done = false;
        try {
            Optional<FileChannel> channel = inProcess.getHoldCount() == 1 ? lock(file, wait) : Optional.empty();
            if (channel.isEmpty() && inProcess.getHoldCount() == 1) {
                return Optional.empty();
            }
            done = true;
            return Optional.of(new LockFile(inProcess, channel.orElse(null)));
        } finally {
            if (!done) {
                inProcess.unlock();
            }
        }
    }

    /** Locks the file that the path names when the lock is had: it may have been replaced while waiting. */
    private static Optional<FileChannel> lock(Path file, boolean wait) throws IOException {
        while (true) {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            boolean locked = false;
            try {
                Object opened = fileKey(file);
                if ((wait ? awaitLock(channel) : channel.tryLock()) == null) {
                    return Optional.empty();
                }
                locked = opened.equals(fileKey(file));
                if (locked) {
                    return Optional.of(channel);
                }
            } finally {
                if (!locked) {
                    channel.close();
                }
            }
        }
    }

    /**
     * Waits for the kernel's lock. The kernel sees all locks of a process as one owner's, so that it takes two threads of one
     * process which wait and hold in opposite order to another's for a deadlock (fcntl(2), EDEADLK) and refuses to wait; our
     * own order rules deadlocks out, so the wait is begun again.
     */
    private static FileLock awaitLock(FileChannel channel) throws IOException {
        while (true) {
            try {
                return channel.lock();
            } catch (IOException e) {
                if (!String.valueOf(e.getMessage()).contains("deadlock")) {
                    throw e;
                }
                LockSupport.parkNanos(DEADLOCK_PAUSE_NANOS);
                if (Thread.currentThread().isInterrupted()) {
                    throw new ClosedByInterruptException();
                }
            }
        }
    }

    private static Object fileKey(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    @Override
    public void close() throws IOException {
        try {
            if (channel != null) {
                channel.close();
            }
        } finally {
            inProcess.unlock();
        }
    }
}

package dev.ctr.lifecycle.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock between threads and processes of this host: whoever has locked the file of that name holds it, until done or dead.
 * All users of a file must spell its path the same way.
 */
public final class LockFile {
    /** The kernel grants file locks to processes, so threads of this one are kept apart here. */
    private static final ConcurrentMap<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

    /**
     * Waits for the lock and does the work while holding it. The work must not ask for the same lock.
     *
     * @throws java.nio.channels.FileLockInterruptionException when the thread is interrupted while it waits
     */
    public static <T> T holding(Path file, IoWork<T> work) throws IOException {
        ReentrantLock threads = THREADS.computeIfAbsent(file, unused -> new ReentrantLock());
        threads.lock();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            if (threads.getHoldCount() > 1 || !held.isValid()) {
                throw new IllegalStateException("the lock " + file + " was asked for by its own holder");
            }
            return work.run();
        } finally {
            threads.unlock();
        }
    }

    private LockFile() {}
}

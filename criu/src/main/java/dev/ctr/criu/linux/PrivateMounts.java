package dev.ctr.criu.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Mounts that nobody else sees, in a mount namespace of their own, which a thread keeps: they are gone when this is closed, and
 * when the process dies, however it dies. Descriptors opened by the setting up lead any thread of the process to them.
 *
 * @param <T> what the setting up found or made
 */
public final class PrivateMounts<T> implements AutoCloseable {
    private final T result;
    private final CountDownLatch end;
    private final Thread thread;

    private PrivateMounts(T result, CountDownLatch end, Thread thread) {
        this.result = result;
        this.end = end;
        this.thread = thread;
    }

    /**
     * Mounts things, on the thread that is in the new namespace; it sees the mounts that the process sees, too.
     *
     * @param <T> what comes of it
     */
    @FunctionalInterface
    public interface SettingUp<T> {
        /** Mounts, and opens what is needed. */
        T run() throws IOException, InterruptedException;
    }

    /**
     * Makes a namespace and sets it up.
     *
     * @throws IOException if the kernel refuses, or what the setting up throws
     */
    public static <T> PrivateMounts<T> open(SettingUp<T> settingUp) throws IOException, InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        FutureTask<T> task = new FutureTask<>(() -> {
            if (LibC.unshare(LibC.CLONE_NEWNS) == -1) {
                throw LibC.failure("make a mount namespace");
            }
            Mounts.mount("none", Path.of("/"), "", Mounts.REC | Mounts.PRIVATE, "");
            return settingUp.run();
        });
        Thread thread = new Thread(
                () -> {
                    task.run();
                    awaitQuietly(end);
                },
                "private-mounts");
        thread.setDaemon(true);
        thread.start();
        try {
            return new PrivateMounts<>(task.get(), end, thread);
        } catch (InterruptedException e) {
            end.countDown();
            throw e;
        } catch (ExecutionException e) {
            end.countDown();
            Throwable cause = e.getCause();
            if (cause instanceof RuntimeException failure) {
                throw failure;
            }
            throw cause instanceof IOException failure ? failure : new IOException(String.valueOf(cause), cause);
        }
    }

    /** What the setting up returned. */
    public T result() {
        return result;
    }

    private static void awaitQuietly(CountDownLatch end) {
        boolean ended = false;
        while (!ended) {
            try {
                end.await();
                ended = true;
            } catch (InterruptedException e) {
                // Nobody has this thread to interrupt it; only closing ends it.
            }
        }
    }

    /** Gives the mounts up; they go when the last descriptor of them is closed. */
    @Override
    public void close() {
        end.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package dev.ctr.criu.linux;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Runs what enters other namespaces on a thread of its own, which ends afterwards: a thread of a pool would stay there. */
final class NamespaceThread {
    private NamespaceThread() {}

    /**
     * Runs an action and waits for it.
     *
     * @throws IOException what the action throws; a checked exception of another kind is the cause of one
     */
    static <T> T call(Callable<T> action) throws IOException, InterruptedException {
        FutureTask<T> task = new FutureTask<>(action);
        Thread thread = new Thread(task, "namespace");
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get();
        } catch (InterruptedException e) {
            task.cancel(true);
            thread.join();
            throw e;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof IOException failure) {
                throw failure;
            }
            if (cause instanceof RuntimeException failure) {
                throw failure;
            }
            if (cause instanceof Error failure) {
                throw failure;
            }
            throw new IOException(String.valueOf(cause), cause);
        }
    }
}

package dev.ctr.lifecycle;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Does something beside the calling thread, on a thread of its own. What it starts is in the caller's network namespace, which a
 * pool's thread may not be.
 */
final class Background {
    private Background() {}

    static CompletableFuture<Void> run(String name, Runnable step) {
        return CompletableFuture.runAsync(step, task -> start(name, task));
    }

    static <T> CompletableFuture<T> call(String name, Supplier<T> call) {
        return CompletableFuture.supplyAsync(call, task -> start(name, task));
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }
}

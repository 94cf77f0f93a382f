package dev.ctr.agent.migration;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Waiting for what another thread finds out. */
final class Reply {
    private Reply() {}

    /** The value; what went wrong there is an {@link IOException} here, an exception of this type the very same. */
    static <T> T of(CompletableFuture<T> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof IOException same) {
                throw same;
            }
            throw new IOException(cause == null ? e.getMessage() : cause.getMessage(), e);
        }
    }
}

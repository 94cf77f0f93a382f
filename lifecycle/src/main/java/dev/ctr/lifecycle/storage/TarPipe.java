package dev.ctr.lifecycle.storage;

import dev.ctr.archive.TarExtractor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** Writes a tar on one thread while another unpacks it, with nothing in between but a buffer. */
public final class TarPipe {
    private static final int BUFFER = 1 << 20;
    private static final int PIECE = 1 << 16;

    /** Writes the tar, and tells what it left out. */
    @FunctionalInterface
    public interface Writing {
        /** Writes to the end; leaves {@code out} open. */
        List<String> writeTo(OutputStream out) throws IOException;
    }

    /** Unpacks the tar. */
    @FunctionalInterface
    public interface Unpacking {
        /** Reads to the end of the tar. */
        TarExtractor.Result readFrom(InputStream in) throws IOException;
    }

    private TarPipe() {}

    /**
     * Runs both to their ends.
     *
     * @return what either of them left out
     * @throws IOException what the writing throws if it failed, else what the unpacking throws
     */
    public static List<String> run(Writing writing, Unpacking unpacking) throws IOException {
        try (PipedInputStream in = new PipedInputStream(BUFFER)) {
            FutureTask<List<String>> written = start(writing, new PipedOutputStream(in));
            List<String> warnings = new ArrayList<>();
            IOException failure = null;
            try {
                warnings.addAll(unpacking.readFrom(in).warnings());
                in.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                failure = e;
                in.close();
            }
            warnings.addAll(0, result(written, failure));
            if (failure != null) {
                throw failure;
            }
            return warnings;
        }
    }

    private static FutureTask<List<String>> start(Writing writing, PipedOutputStream pipe) {
        FutureTask<List<String>> written = new FutureTask<>(() -> {
            try (OutputStream out = new BufferedOutputStream(pipe, PIECE)) {
                return writing.writeTo(out);
            }
        });
        new Thread(written, "tar-writer").start();
        return written;
    }

    /** A reader that failed makes the writer fail, too; one that ran out of tar does because the writer failed. */
    private static List<String> result(FutureTask<List<String>> written, @Nullable IOException reading)
            throws IOException {
        try {
            return written.get();
        } catch (ExecutionException e) {
            boolean becauseOfReader = reading != null && isClosedPipe(e.getCause());
            if (becauseOfReader) {
                return List.of();
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static boolean isClosedPipe(@Nullable Throwable cause) {
        String message = cause == null ? null : cause.getMessage();
        return message != null && (message.equals("Pipe closed") || message.equals("Read end dead"));
    }
}

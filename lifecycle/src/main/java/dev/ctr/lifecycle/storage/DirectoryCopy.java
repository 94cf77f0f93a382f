package dev.ctr.lifecycle.storage;

import dev.ctr.archive.ExtractionOptions;
import dev.ctr.archive.TarExtractor;
import dev.ctr.archive.TarPlan;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Copies a directory with all it has: links, devices, owners, modes, times, extended attributes. */
final class DirectoryCopy {
    private static final int BUFFER = 1 << 20;

    /** Copies into {@code target}, which exists; it gets the attributes of {@code source}. Other file systems mounted in the source are left out. */
    static void copy(Path source, Path target) throws IOException {
        TarPlan plan = TarPlan.ofDirectory(source);
        try (PipedInputStream in = new PipedInputStream(BUFFER)) {
            PipedOutputStream out = new PipedOutputStream(in);
            FutureTask<Boolean> writing = new FutureTask<>(() -> {
                try (out) {
                    plan.writeTo(out);
                }
                return true;
            });
            Thread writer = new Thread(writing, "copy-" + source.getFileName());
            writer.start();
            TarExtractor.extract(in, source.toString(), target, ExtractionOptions.EXACT);
            in.transferTo(OutputStream.nullOutputStream());
            await(writing);
        }
    }

    private static void await(FutureTask<Boolean> writing) throws IOException {
        try {
            writing.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private DirectoryCopy() {}
}

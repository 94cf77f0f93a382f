package dev.ctr.lifecycle;

import dev.ctr.archive.Compression;
import java.io.IOException;
import java.io.OutputStream;

/**
 * An archive of a container without its memory and files: what describes it, and something in place of the rest. By it the other host
 * makes the container and its networks before anything is frozen, and refuses what its policy does not allow. Who writes one, and who
 * reads it, has done what it takes to do so, be it to load code, to compile it or to open a connection, before a frozen container has
 * to wait for it.
 */
public final class Rehearsal {
    /** What goes through the same hands as the memory will: so many bytes that what handles them is compiled by then. */
    private static final int BYTES = 12 << 20;

    private final LockedContainer container;
    private final Compression compression;

    Rehearsal(LockedContainer container, Compression compression) {
        this.container = container;
        this.compression = compression;
    }

    /** Writes it, for {@link TakeOver#rehearsal}. Nothing is changed by it. The stream stays open. */
    public void writeTo(OutputStream out) throws IOException, InterruptedException {
        CheckpointOptions options =
                new CheckpointOptions().compression(compression).exportTo(out);
        try (ArchiveExport export = ArchiveExport.open(container, options)) {
            export.writeDescription();
            export.writeInsteadOfImages(Checkpoint.networkStatus(container), BYTES);
            export.finish();
            export.commit();
        }
    }
}

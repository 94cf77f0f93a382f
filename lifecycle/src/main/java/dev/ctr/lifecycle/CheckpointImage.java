package dev.ctr.lifecycle;

import dev.ctr.archive.ArchiveCopy;
import dev.ctr.archive.Compression;
import dev.ctr.lifecycle.image.ImageDraft;
import java.io.IOException;
import java.util.Map;

/** The image that a checkpoint becomes besides, or instead of, an archive: what the archive holds, as its one layer. */
final class CheckpointImage implements AutoCloseable {
    private final ImageDraft draft;
    private final Compression compression;
    private final Map<String, String> annotations;

    private CheckpointImage(ImageDraft draft, Compression compression, Map<String, String> annotations) {
        this.draft = draft;
        this.compression = compression;
        this.annotations = annotations;
    }

    /** Begins it, and asks the programs for their versions, which takes a while and so must not wait for the tasks to be frozen. */
    static CheckpointImage open(LockedContainer container, String name, Compression compression)
            throws IOException, InterruptedException {
        ImageDraft draft = container.engine().images().draft(name);
        try {
            return new CheckpointImage(
                    draft, compression, CheckpointAnnotations.of(container.engine(), container.config()));
        } catch (IOException | RuntimeException | InterruptedException e) {
            draft.close();
            throw e;
        }
    }

    /** Where the archive is to be copied to while it is written. */
    ArchiveCopy layer() {
        return draft.layer();
    }

    /** Makes the image appear under its name. */
    void commit() {
        draft.commit(compression, annotations);
    }

    /** Leaves nothing of an image that was not finished. */
    @Override
    public void close() throws IOException {
        draft.close();
    }
}

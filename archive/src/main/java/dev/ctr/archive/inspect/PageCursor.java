package dev.ctr.archive.inspect;

import dev.ctr.criu.image.PageRun;
import dev.ctr.criu.image.PageWalk;
import dev.ctr.criu.image.StoredRun;
import dev.ctr.criu.image.StoredRun.Place;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Goes through the stored pages of a task or segment one by one, by ascending address. Not for concurrent use. */
final class PageCursor implements Closeable {
    /** Behind every address. */
    static final long END = Long.MAX_VALUE;

    private final CheckpointContent checkpoint;
    private final PageDigests digests;
    private final PageWalk walk;
    private @Nullable StoredRun run;
    private long page;
    private long unknownBytes;

    /** Begins at the first page; owns the walk. */
    PageCursor(CheckpointContent checkpoint, PageDigests digests, PageWalk walk) throws IOException {
        this.checkpoint = checkpoint;
        this.digests = digests;
        this.walk = walk;
        nextRun();
    }

    /** Where the page is, {@link #END} behind the last. */
    long address() {
        return run == null ? END : run.address() + page * PageRun.PAGE_SIZE;
    }

    /** What tells its content. */
    long digest() throws IOException {
        if (run == null) {
            throw new IllegalStateException("there is no page behind the last");
        }
        return digests.of(checkpoint.pagesEntry(run), run, page);
    }

    /** Goes to the next page. */
    void advance() throws IOException {
        page++;
        if (run != null && page == run.pages()) {
            nextRun();
        }
    }

    private void nextRun() throws IOException {
        page = 0;
        for (Optional<StoredRun> next = walk.next(); next.isPresent(); next = walk.next()) {
            run = next.get();
            if (run.place() == Place.STORED) {
                return;
            }
            unknownBytes += run.bytes();
        }
        run = null;
    }

    /** How many bytes were passed whose content the archive does not have. */
    long unknownBytes() {
        return unknownBytes;
    }

    @Override
    public void close() throws IOException {
        walk.close();
    }
}

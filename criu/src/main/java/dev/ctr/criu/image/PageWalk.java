package dev.ctr.criu.image;

import dev.ctr.criu.image.StoredRun.Place;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the pages that a dump has of a task or shared segment, by ascending address. What the dump leaves to the one
 * before it is looked up there. Holds one run of each dump. Not for concurrent use.
 */
public final class PageWalk implements Closeable {
    private final int level;
    private final @Nullable PagemapReader pagemap;
    private final @Nullable PageWalk previous;
    private long firstPage;
    private long inParent;
    private long inParentEnd;
    private @Nullable StoredRun ofPrevious;
    private boolean previousBegun;

    /**
     * Begins a walk.
     *
     * @param pagemap null if the dump has none of this task, which then has no pages in it
     * @param previous null if there is no dump before
     */
    PageWalk(int level, @Nullable PagemapReader pagemap, @Nullable PageWalk previous) {
        this.level = level;
        this.pagemap = pagemap;
        this.previous = previous;
    }

    /**
     * The next run, none at the end.
     *
     * @throws CriuImageException if a page map is damaged, or of a form that cannot be read here
     */
    public Optional<StoredRun> next() throws IOException {
        if (inParent < inParentEnd) {
            return Optional.of(nextOfPrevious());
        }
        if (pagemap == null) {
            return Optional.empty();
        }
        Optional<PageRun> next = pagemap.next();
        if (next.isEmpty()) {
            return Optional.empty();
        }
        PageRun run = next.get();
        return Optional.of(
                switch (run.kind()) {
                    case PRESENT, PRESENT_LAZY -> stored(run, pagemap.pagesFile());
                    case LAZY -> new StoredRun(run.address(), run.pages(), Place.LAZY, level, "", 0);
                    case PARENT -> {
                        inParent = run.address();
                        inParentEnd = run.end();
                        yield nextOfPrevious();
                    }
                });
    }

    private StoredRun stored(PageRun run, String pagesFile) {
        StoredRun stored = new StoredRun(run.address(), run.pages(), Place.STORED, level, pagesFile, firstPage);
        firstPage += run.pages();
        return stored;
    }

    /** The next part of what is left to the previous dump. */
    private StoredRun nextOfPrevious() throws IOException {
        StoredRun found = previousAt(inParent);
        StoredRun part;
        if (found == null || found.address() >= inParentEnd) {
            part = StoredRun.missing(inParent, inParentEnd, level + 1);
        } else if (found.address() > inParent) {
            part = StoredRun.missing(inParent, found.address(), level + 1);
        } else {
            part = found.slice(inParent, Math.min(inParentEnd, found.end()));
        }
        inParent = part.end();
        return part;
    }

    /** The run of the previous dump that has an address, or else the first behind it. */
    private @Nullable StoredRun previousAt(long address) throws IOException {
        if (previous == null) {
            return null;
        }
        if (!previousBegun) {
            previousBegun = true;
            ofPrevious = previous.next().orElse(null);
        }
        while (ofPrevious != null && ofPrevious.end() <= address) {
            ofPrevious = previous.next().orElse(null);
        }
        return ofPrevious;
    }

    @Override
    public void close() throws IOException {
        try (PagemapReader own = pagemap;
                PageWalk before = previous) {
            inParent = inParentEnd;
        }
    }
}

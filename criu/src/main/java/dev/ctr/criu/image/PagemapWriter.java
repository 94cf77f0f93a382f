package dev.ctr.criu.image;

import dev.ctr.proto.criu.PagemapEntry;
import dev.ctr.proto.criu.PagemapHead;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * Writes which pages of a task or shared segment a dump has. Counts are written in both forms, so that CRIU reads them up to 4.1
 * and from 4.2 on. Runs come by ascending address; neighbours of one kind may but need not be one run. Not for concurrent use.
 */
public final class PagemapWriter implements Closeable {
    private final CriuImageWriter image;
    private long end;

    private PagemapWriter(CriuImageWriter image, int pagesId) throws IOException {
        this.image = image;
        image.record(PagemapHead.newBuilder().setPagesId(pagesId).build());
    }

    /**
     * Makes a new page map, readable by its owner alone.
     *
     * @param pagesId the number in the name of the file with the pages
     * @throws IOException if there is a file of that name, or none can be made
     */
    public static PagemapWriter create(Path pagemap, int pagesId) throws IOException {
        return of(CriuImageWriter.create(pagemap, ImageType.PAGEMAP), pagesId);
    }

    /** Writes a page map to a stream, which {@link #close} closes. */
    public static PagemapWriter of(OutputStream out, int pagesId) throws IOException {
        return of(CriuImageWriter.of(out, ImageType.PAGEMAP), pagesId);
    }

    private static PagemapWriter of(CriuImageWriter image, int pagesId) throws IOException {
        try {
            return new PagemapWriter(image, pagesId);
        } catch (IOException | RuntimeException e) {
            image.close();
            throw e;
        }
    }

    /**
     * Appends a run.
     *
     * @throws IllegalArgumentException if it lies before the end of the last one
     */
    public void add(PageRun run) throws IOException {
        if (run.address() < end) {
            throw new IllegalArgumentException(
                    "pages at 0x%x come after those up to 0x%x".formatted(run.address(), end));
        }
        end = run.end();
        boolean fits = run.pages() <= Integer.MAX_VALUE;
        image.record(PagemapEntry.newBuilder()
                .setVaddr(run.address())
                .setCompatNrPages(fits ? (int) run.pages() : 0)
                .setNrPages(run.pages())
                .setFlags(run.kind().flags())
                .build());
    }

    @Override
    public void close() throws IOException {
        image.close();
    }
}

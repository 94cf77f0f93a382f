package dev.ctr.criu.image;

import com.google.protobuf.Message;
import dev.ctr.criu.image.PageRun.Kind;
import dev.ctr.proto.criu.PagemapEntry;
import dev.ctr.proto.criu.PagemapHead;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads which pages of a task or shared segment a dump has, one run after the other, by ascending address. The pages of those
 * that are {@link Kind#isPresent present} follow one another in the pages file in this order. Reads what CRIU writes up to 4.1
 * and from 4.2 on; an entry with something unknown in it is refused, since the pages file would be misread from there on. Not
 * for concurrent use.
 */
public final class PagemapReader implements Closeable {
    private final CriuImageReader image;
    private final int pagesId;
    private long end;

    private PagemapReader(CriuImageReader image) throws IOException {
        this.image = image;
        PagemapHead head = image.only(PagemapHead.parser());
        refuseUnknownFields(head);
        this.pagesId = head.getPagesId();
    }

    /**
     * Opens a page map.
     *
     * @throws CriuImageException if it is none
     */
    public static PagemapReader open(Path pagemap) throws IOException {
        return of(CriuImageReader.open(pagemap, ImageType.PAGEMAP));
    }

    /**
     * Reads a page map from a stream, which {@link #close} closes.
     *
     * @param source what is read, as an error names it
     * @throws CriuImageException if it is none
     */
    public static PagemapReader of(InputStream in, String source) throws IOException {
        return of(CriuImageReader.of(in, source, ImageType.PAGEMAP));
    }

    static PagemapReader of(CriuImageReader image) throws IOException {
        try {
            return new PagemapReader(image);
        } catch (IOException | RuntimeException e) {
            image.close();
            throw e;
        }
    }

    /** The number N, unsigned, in the name of the file with the pages, {@code pages-N.img}. */
    public int pagesId() {
        return pagesId;
    }

    /** The name of the file with the pages. */
    public String pagesFile() {
        return "pages-%s.img".formatted(Integer.toUnsignedString(pagesId));
    }

    /**
     * The next run, none at the end.
     *
     * @throws CriuImageException if the page map is damaged, or of a form that cannot be read here
     */
    public Optional<PageRun> next() throws IOException {
        Optional<PagemapEntry> entry = image.next(PagemapEntry.parser());
        return entry.isEmpty() ? Optional.empty() : Optional.of(run(entry.get()));
    }

    private PageRun run(PagemapEntry entry) throws IOException {
        refuseUnknownFields(entry);
        long pages = entry.hasNrPages() ? entry.getNrPages() : Integer.toUnsignedLong(entry.getCompatNrPages());
        PageRun run;
        try {
            run = new PageRun(entry.getVaddr(), pages, kind(entry));
        } catch (IllegalArgumentException e) {
            throw new CriuImageException("%s is damaged: %s".formatted(image.source(), e.getMessage()), e);
        }
        if (run.address() < end) {
            throw new CriuImageException(
                    "%s is damaged: its pages at 0x%x come out of order".formatted(image.source(), run.address()));
        }
        end = run.end();
        return run;
    }

    private Kind kind(PagemapEntry entry) throws CriuImageException {
        if (!entry.hasFlags()) {
            return entry.getInParent() ? Kind.PARENT : Kind.PRESENT;
        }
        for (Kind kind : Kind.values()) {
            if (kind.flags() == entry.getFlags()) {
                return kind;
            }
        }
        throw new CriuImageException("%s cannot be read: its pages at 0x%x have flags 0x%x, which mean nothing here"
                .formatted(image.source(), entry.getVaddr(), entry.getFlags()));
    }

    private void refuseUnknownFields(Message message) throws CriuImageException {
        UnknownFields.refuse(message, image.source());
    }

    @Override
    public void close() throws IOException {
        image.close();
    }
}

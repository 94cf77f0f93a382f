package dev.ctr.criu.memory;

import dev.ctr.criu.image.PageRun;
import dev.ctr.criu.image.PageRun.Kind;
import dev.ctr.criu.image.PagemapWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes the pages of one task as two CRIU images, {@code pagemap-*.img} and {@code pages-N.img}. */
final class TaskImages implements PageSink, Closeable {
    private final Path pagemapFile;
    private final Path pagesFile;
    private final PagemapWriter pagemap;
    private final FileChannel pages;
    private @Nullable PageRun run;
    private long presentPages;
    private long parentPages;

    private TaskImages(Path pagemapFile, Path pagesFile, PagemapWriter pagemap, FileChannel pages) {
        this.pagemapFile = pagemapFile;
        this.pagesFile = pagesFile;
        this.pagemap = pagemap;
        this.pages = pages;
    }

    /**
     * Makes both files, readable by their owner alone.
     *
     * @param pagemapFile the page map; must not be there
     * @param pagesId N in the name of the file with the pages, which must not be there either
     */
    static TaskImages create(Path pagemapFile, int pagesId) throws IOException {
        Path pagesFile = pagemapFile.resolveSibling("pages-" + pagesId + ".img");
        FileChannel pages = FileChannel.open(
                pagesFile,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            return new TaskImages(pagemapFile, pagesFile, PagemapWriter.create(pagemapFile, pagesId), pages);
        } catch (IOException | RuntimeException e) {
            pages.close();
            throw e;
        }
    }

    @Override
    public void present(long address, ByteBuffer content, Kind kind) throws IOException {
        long count = content.remaining() / PageRun.PAGE_SIZE;
        add(new PageRun(address, count, kind));
        presentPages += count;
        while (content.hasRemaining()) {
            pages.write(content);
        }
    }

    @Override
    public void inParent(long address, long count) throws IOException {
        add(new PageRun(address, count, Kind.PARENT));
        parentPages += count;
    }

    /** Takes over a run whose content is not here. */
    void keep(PageRun elsewhere) throws IOException {
        add(elsewhere);
    }

    private void add(PageRun next) throws IOException {
        PageRun last = run;
        if (last != null && last.end() == next.address() && last.kind() == next.kind()) {
            run = new PageRun(last.address(), last.pages() + next.pages(), last.kind());
            return;
        }
        flush();
        run = next;
    }

    private void flush() throws IOException {
        PageRun last = run;
        if (last != null) {
            pagemap.add(last);
        }
    }

    /** Pages with content so far. */
    long presentPages() {
        return presentPages;
    }

    /** Pages so far whose content is that of the previous level. */
    long parentPages() {
        return parentPages;
    }

    Path pagemapFile() {
        return pagemapFile;
    }

    /** Deletes both files, which must be closed. */
    void delete() throws IOException {
        Files.deleteIfExists(pagemapFile);
        Files.deleteIfExists(pagesFile);
    }

    @Override
    public void close() throws IOException {
        try (pages;
                pagemap) {
            flush();
        }
    }
}

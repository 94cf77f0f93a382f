package dev.ctr.criu.memory;

import dev.ctr.criu.image.CriuImageException;
import dev.ctr.criu.image.PageRun;
import dev.ctr.criu.image.PagemapReader;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Tells whether the levels that a dump rests on have every page that the dump leaves to them. CRIU itself finds out halfway. */
public final class ChainCoverage {
    private ChainCoverage() {}

    /**
     * Looks for every page that the dump leaves to its parent. Reads page maps only.
     *
     * @param images the dump's directory, with a link to its parent
     * @throws CriuImageException if a page is missing
     */
    public static void check(Path images) throws IOException {
        try (DirectoryStream<Path> pagemaps = Files.newDirectoryStream(images, "pagemap-*.img")) {
            for (Path pagemap : pagemaps) {
                checkTask(images, pagemap);
            }
        }
    }

    private static void checkTask(Path images, Path pagemap) throws IOException {
        try (PagemapReader runs = PagemapReader.open(pagemap);
                ParentPages pages = ParentPages.open(images, String.valueOf(pagemap.getFileName()))
                        .orElseThrow()) {
            for (Optional<PageRun> run = runs.next(); run.isPresent(); run = runs.next()) {
                if (run.get().kind() == PageRun.Kind.PARENT) {
                    checkRun(pagemap, run.get(), pages);
                }
            }
        }
    }

    private static void checkRun(Path pagemap, PageRun run, ParentPages pages) throws IOException {
        for (long at = run.address(); at < run.end(); ) {
            Optional<ParentPages.Extent> found = pages.find(at, run.end());
            if (found.isEmpty() || found.get().address() > at) {
                throw missing(pagemap, at, "does not have it");
            }
            if (!found.get().isInFile()) {
                throw missing(pagemap, at, "has lost it: its pages file is cut off");
            }
            at = found.get().end();
        }
    }

    private static CriuImageException missing(Path pagemap, long address, String why) {
        return new CriuImageException("%s leaves the page at 0x%x to a level before, which %s"
                .formatted(pagemap.getFileName(), address, why));
    }
}

package dev.ctr.criu.memory;

import dev.ctr.criu.image.PageRun;
import dev.ctr.criu.image.PagemapReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes a complete CRIU dump rest on a chain of pre-checkpoints: pages that the chain has, byte for byte, are left to it, and
 * the pages files keep the others. CRIU then restores from the whole chain. Shared memory and the kernel's own pages stay as they
 * are. Each task's images are exchanged by one rename, so that the dump can be restored whenever this ends.
 */
public final class ParentReduction {
    private static final Pattern PAGEMAP = Pattern.compile("pagemap-\\d+\\.img");
    private static final Pattern PAGES = Pattern.compile("pages-(\\d{1,9})\\.img");

    private final Path images;
    private final Path parent;
    private int pagesId;
    private long pagesLeft;
    private long pagesInParent;

    private ParentReduction(Path images, Path parent) {
        this.images = images;
        this.parent = parent;
    }

    /**
     * What became of the pages of tasks.
     *
     * @param pagesLeft those that the dump still has
     * @param pagesInParent those that are in the chain
     */
    public record Outcome(long pagesLeft, long pagesInParent) {}

    /**
     * Reduces a dump.
     *
     * @param images the dump's directory
     * @param parent the directory of the chain's last level
     * @param link where that is, relative to the dump's directory when it is restored
     */
    public static Outcome reduce(Path images, Path parent, String link) throws IOException {
        ParentReduction reduction = new ParentReduction(images, parent);
        reduction.pagesId = reduction.highestPagesId();
        Files.createSymbolicLink(images.resolve(ParentPages.PARENT), Path.of(link));
        for (String pagemap : reduction.names(PAGEMAP)) {
            reduction.reduce(pagemap);
        }
        return new Outcome(reduction.pagesLeft, reduction.pagesInParent);
    }

    private List<String> names(Pattern pattern) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(images)) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                if (pattern.matcher(name).matches()) {
                    names.add(name);
                }
            }
        }
        return names;
    }

    private int highestPagesId() throws IOException {
        int highest = 0;
        for (String name : names(PAGES)) {
            Matcher matcher = PAGES.matcher(name);
            if (matcher.matches()) {
                highest = Math.max(highest, Integer.parseInt(matcher.group(1)));
            }
        }
        return highest;
    }

    private void reduce(String name) throws IOException {
        Path pagemap = images.resolve(name);
        Optional<ParentPages> opened = ParentPages.open(parent, name);
        if (opened.isEmpty()) {
            return;
        }
        TaskImages reduced = TaskImages.create(images.resolve(name + ".new"), ++pagesId);
        Path replaced;
        try (ParentPages chain = opened.get();
                reduced;
                PagemapReader runs = PagemapReader.open(pagemap)) {
            replaced = images.resolve(runs.pagesFile());
            sort(runs, replaced, chain, reduced);
        }
        pagesLeft += reduced.presentPages();
        pagesInParent += reduced.parentPages();
        if (reduced.parentPages() == 0) {
            reduced.delete();
        } else {
            Files.move(reduced.pagemapFile(), pagemap, StandardCopyOption.ATOMIC_MOVE);
            Files.delete(replaced);
        }
    }

    private static void sort(PagemapReader runs, Path pagesFile, ParentPages chain, TaskImages reduced)
            throws IOException {
        PageSorter sorter = new PageSorter(chain, reduced);
        ByteBuffer chunk = ByteBuffer.allocateDirect(MemorySource.CHUNK);
        try (FileChannel pages = FileChannel.open(pagesFile, StandardOpenOption.READ)) {
            for (Optional<PageRun> next = runs.next(); next.isPresent(); next = runs.next()) {
                PageRun run = next.get();
                if (!run.kind().isPresent()) {
                    reduced.keep(run);
                    continue;
                }
                for (long at = run.address(); at < run.end(); at += chunk.limit()) {
                    chunk.clear().limit((int) Math.min(MemorySource.CHUNK, run.end() - at));
                    PagesFiles.readFully(pages, chunk);
                    sorter.sort(at, chunk.flip(), run.kind());
                }
            }
        }
    }
}

package dev.ctr.criu.memory;

import dev.ctr.criu.image.CriuImageException;
import dev.ctr.criu.image.PageRun;
import dev.ctr.criu.image.PagemapReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The pages that a chain of CRIU image directories has of one task: where a page of the last directory is in the parent, it is
 * looked for there, as CRIU does when it restores (criu/pagemap.c). All levels are read side by side, from front to back, so that
 * no more than a run of each is in memory. Not for concurrent use.
 */
final class ParentPages implements Closeable {
    /** Where a directory names the one before it. */
    static final String PARENT = "parent";

    /** No chain is deeper; a link that leads back to itself is. */
    private static final int DEEPEST = 1001;

    private final Level last;

    private ParentPages(Level last) {
        this.last = last;
    }

    /**
     * Pages that follow one another in memory and in a file.
     *
     * @param address of the first
     * @param end the address behind the last
     * @param file the file with the pages
     * @param offset where the first is in it
     */
    record Extent(long address, long end, FileChannel file, long offset) {
        /** Whether the file is as long as it must be. */
        boolean isInFile() throws IOException {
            return file.size() - offset >= end - address;
        }

        /** Reads a part, from an address on, until the buffer is full. */
        void read(long from, ByteBuffer into) throws IOException {
            PagesFiles.readFully(file, offset + (from - address), into);
        }
    }

    /**
     * Opens what a chain has of a task.
     *
     * @param directory the last level
     * @param pagemap the name of the task's page map; empty is returned if there is none
     */
    static Optional<ParentPages> open(Path directory, String pagemap) throws IOException {
        return Level.open(directory, pagemap, 1).map(ParentPages::new);
    }

    /**
     * The first pages of the chain in a range.
     *
     * @param from not before that of any earlier call
     */
    Optional<Extent> find(long from, long to) throws IOException {
        return last.find(from, to);
    }

    @Override
    public void close() throws IOException {
        last.close();
    }

    /** One directory of the chain, and the ones before it. */
    private static final class Level implements Closeable {
        private final Path directory;
        private final String pagemapName;
        private final int depth;
        private final PagemapReader pagemap;
        private final FileChannel pages;
        private @Nullable PageRun run;
        private long offset;
        private @Nullable Level parent;

        private Level(Path directory, String pagemapName, int depth, PagemapReader pagemap, FileChannel pages)
                throws IOException {
            this.directory = directory;
            this.pagemapName = pagemapName;
            this.depth = depth;
            this.pagemap = pagemap;
            this.pages = pages;
            this.run = pagemap.next().orElse(null);
        }

        static Optional<Level> open(Path directory, String pagemapName, int depth) throws IOException {
            Path file = directory.resolve(pagemapName);
            if (depth > DEEPEST) {
                throw new CriuImageException("the chain of " + directory + " has no end: its links lead in a circle");
            }
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            List<Closeable> opened = new ArrayList<>();
            try {
                PagemapReader pagemap = PagemapReader.open(file);
                opened.add(pagemap);
                FileChannel pages = FileChannel.open(directory.resolve(pagemap.pagesFile()), StandardOpenOption.READ);
                opened.add(pages);
                return Optional.of(new Level(directory, pagemapName, depth, pagemap, pages));
            } catch (IOException | RuntimeException e) {
                for (Closeable open : opened) {
                    open.close();
                }
                throw e;
            }
        }

        Optional<Extent> find(long from, long to) throws IOException {
            for (PageRun next = runEndingBehind(from); next != null && next.address() < to; next = run) {
                long start = Math.max(from, next.address());
                long end = Math.min(to, next.end());
                if (next.kind().isPresent()) {
                    return Optional.of(new Extent(start, end, pages, offset + (start - next.address())));
                }
                if (next.kind() == PageRun.Kind.PARENT) {
                    Optional<Extent> earlier = inParent(start, end);
                    if (earlier.isPresent()) {
                        return earlier;
                    }
                }
                if (next.end() >= to) {
                    break;
                }
                advance();
            }
            return Optional.empty();
        }

        private @Nullable PageRun runEndingBehind(long address) throws IOException {
            PageRun current = run;
            while (current != null && current.end() <= address) {
                advance();
                current = run;
            }
            return current;
        }

        private void advance() throws IOException {
            PageRun passed = run;
            if (passed != null && passed.kind().isPresent()) {
                offset += passed.bytes();
            }
            run = pagemap.next().orElse(null);
        }

        private Optional<Extent> inParent(long from, long to) throws IOException {
            Level before = parent;
            if (before == null) {
                before = open(directory.resolve(PARENT), pagemapName, depth + 1)
                        .orElseThrow(() -> new CriuImageException(directory.resolve(pagemapName)
                                + " rests on a level before it, in which the task is not"));
                parent = before;
            }
            return before.find(from, to);
        }

        @Override
        public void close() throws IOException {
            Level before = parent;
            try (pages;
                    pagemap) {
                if (before != null) {
                    before.close();
                }
            }
        }
    }
}

package dev.ctr.archive.inspect;

import dev.ctr.archive.ArchiveEntries;
import dev.ctr.archive.ArchivedEntry;
import dev.ctr.archive.ArchivedEntry.Kind;
import dev.ctr.archive.CheckpointArchiveReader;
import dev.ctr.archive.inspect.WantedPages.Place;
import dev.ctr.criu.image.CriuDump;
import dev.ctr.criu.image.CriuImageException;
import dev.ctr.criu.image.PageRun;
import dev.ctr.criu.image.StoredRun;
import dev.ctr.criu.linux.Trees;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * An archive that is being looked into. What describes the processes is unpacked into a private directory, which closing
 * deletes; their memory stays in the archive and is read from there once more when it is asked for. Not for concurrent use.
 */
final class CheckpointContent implements Closeable {
    private final ArchiveSource source;
    private final Path directory;
    private final CheckpointOverview overview;
    private final CriuDump dump;

    private CheckpointContent(ArchiveSource source, Path directory, CheckpointOverview overview, CriuDump dump) {
        this.source = source;
        this.directory = directory;
        this.overview = overview;
        this.dump = dump;
    }

    /** Opens an archive; what is unpacked goes where temporary files go. */
    static CheckpointContent open(ArchiveSource source) throws IOException {
        return openIn(Path.of(System.getProperty("java.io.tmpdir")), source);
    }

    /** As {@link #open}; what is unpacked goes below a directory. */
    static CheckpointContent openIn(Path parent, ArchiveSource source) throws IOException {
        Path directory = Files.createTempDirectory(parent, "ctr-inspect-");
        try {
            OverviewVisitor overview = new OverviewVisitor(source.file().toString());
            ImageStaging staging = new ImageStaging(directory);
            CheckpointOverview known;
            try (CheckpointArchiveReader reader = source.open()) {
                known = overview.result(reader.visit((entry, content) -> {
                    if (!staging.takes(entry, content)) {
                        overview.visit(entry, content);
                    } else {
                        overview.countImage(entry);
                    }
                }));
            }
            return new CheckpointContent(source, directory, known, dump(source, directory));
        } catch (IOException | RuntimeException e) {
            Trees.delete(directory);
            throw e;
        }
    }

    private static CriuDump dump(ArchiveSource source, Path directory) throws IOException {
        if (!Files.isDirectory(directory.resolve(ArchiveEntries.CHECKPOINT))) {
            throw new CriuImageException(
                    "%s has no processes to look into: it holds no checkpoint, or a pre-checkpoint alone, which is memory"
                            .formatted(source.file()));
        }
        try {
            return CriuDump.open(directory.resolve(ArchiveEntries.CHECKPOINT));
        } catch (CriuImageException e) {
            throw new CriuImageException("cannot look into %s: %s".formatted(source.file(), e.getMessage()), e);
        }
    }

    ArchiveSource source() {
        return source;
    }

    CheckpointOverview overview() {
        return overview;
    }

    CriuDump dump() {
        return dump;
    }

    /** Where more may be put until this is closed. */
    Path directory() {
        return directory;
    }

    /** The archive's entry that has the pages of a run. */
    String pagesEntry(StoredRun run) {
        return dump.levels().get(run.level()).getFileName() + "/" + run.pagesFile();
    }

    /**
     * Lets the pages of the archive go by.
     *
     * @param wanted gets those that it asks for
     * @param digests gets all, unless null
     */
    void readPages(WantedPages wanted, @Nullable PageDigests digests) throws IOException {
        if (wanted.isEmpty() && digests == null) {
            return;
        }
        try (CheckpointArchiveReader reader = source.open()) {
            reader.visit((entry, content) -> {
                Optional<CheckpointFile> image = CheckpointFile.of(entry.name());
                if (entry.kind() == Kind.FILE
                        && image.isPresent()
                        && image.get().hasPages()) {
                    readPages(entry, content, wanted, digests);
                }
            });
        }
    }

    private static void readPages(
            ArchivedEntry entry, InputStream content, WantedPages wanted, @Nullable PageDigests digests)
            throws IOException {
        SortedMap<Long, byte[]> asked = wanted.of(entry.name());
        if (asked.isEmpty() && digests == null) {
            return;
        }
        byte[] page = new byte[PageRun.PAGE_SIZE];
        PageDigests.@Nullable Sink sink = digests == null ? null : digests.sink(entry.name());
        try (sink) {
            for (long index = 0; content.readNBytes(page, 0, page.length) == page.length; index++) {
                if (asked.containsKey(index)) {
                    wanted.found(new Place(entry.name(), index), page);
                }
                if (sink != null) {
                    sink.add(page);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        Trees.delete(directory);
    }
}

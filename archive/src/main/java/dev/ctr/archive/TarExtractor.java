package dev.ctr.archive;

import dev.ctr.archive.ArchiveException.Code;
import dev.ctr.archive.ExtractionOptions.Duplicates;
import dev.ctr.archive.ExtractionOptions.Whiteouts;
import dev.ctr.archive.TarEntry.Kind;
import dev.ctr.criu.linux.DirectoryDescriptor;
import dev.ctr.criu.linux.FileNodes;
import dev.ctr.criu.linux.LinuxException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Unpacks a tar below a directory, which may have files already: a file is made anew in place of what has its name, never
 * written through; a directory that is there stays and gets the archive's attributes; anything else is replaced, unless something
 * is mounted on it.
 *
 * <p>Nothing outside the directory is touched, whatever the archive says and whatever links the directory has: links on the way
 * to a file are resolved as for a process whose root the directory is (openat2(2), kernel 5.6). Owners, modes, times,
 * extended attributes, device nodes and FIFOs need root, as with any tar.
 */
public final class TarExtractor {
    private final String source;
    private final ExtractionOptions options;
    private final ExtractionLimits.Meter meter;
    private final ConfinedTree tree;
    private final EntryAttributes attributes;
    private final Set<String> seen = new HashSet<>();
    private final List<String> warnings = new ArrayList<>();

    private TarExtractor(ConfinedTree tree, String source, ExtractionOptions options) {
        this.source = source;
        this.options = options;
        this.meter = options.limits().new Meter(source);
        this.tree = tree;
        this.attributes = new EntryAttributes(tree, options, warnings);
    }

    /**
     * What was unpacked.
     *
     * @param entries how many files, directories and links
     * @param bytes content of the files
     * @param warnings what could not be restored as it was, a sentence each
     */
    public record Result(long entries, long bytes, List<String> warnings) {}

    /**
     * Unpacks a tar to its end. If it fails, what was unpacked until then stays.
     *
     * @param in the tar, not compressed (see {@link Compression#decompress}); stays open
     * @param source what {@code in} is, as an error names it
     * @param root an existing directory
     * @throws ArchiveException if the archive is damaged, tries what it may not, or exceeds the limits
     * @throws IOException if the file system refuses
     */
    public static Result extract(InputStream in, String source, Path root, ExtractionOptions options)
            throws IOException {
        try (ConfinedTree tree = ConfinedTree.open(root)) {
            return new TarExtractor(tree, source, options).run(in, root);
        }
    }

    /** As {@link #extract(InputStream, String, Path, ExtractionOptions)}, below a directory that is open, and stays so. */
    public static Result extract(InputStream in, String source, DirectoryDescriptor root, ExtractionOptions options)
            throws IOException {
        try (ConfinedTree tree = ConfinedTree.open(root)) {
            return new TarExtractor(tree, source, options).run(in, root.shownPath());
        }
    }

    /**
     * Deletes files and directories below a directory, as {@link RootfsChanges#deletedFiles} lists them. The directories they
     * were in keep their modification time. What is not there is no error.
     *
     * @param absolutePaths paths that begin with a slash, which means {@code root}
     * @throws ArchiveException if a path is not one below the root
     * @throws IOException if the file system refuses, or something is mounted there
     */
    public static void deleteInside(Path root, List<String> absolutePaths) throws IOException {
        try (ConfinedTree tree = ConfinedTree.open(root)) {
            for (String absolute : absolutePaths) {
                EntryPath path = EntryPath.parseBelowRoot(absolute, ArchiveEntries.DELETED_FILES);
                if (!absolute.startsWith("/") || path.isRoot()) {
                    throw new ArchiveException(
                            Code.UNSAFE_ENTRY,
                            "\"%s\" in %s is no absolute path of a file: do not trust this archive"
                                    .formatted(absolute, ArchiveEntries.DELETED_FILES));
                }
                delete(tree, path);
            }
        }
    }

    private static void delete(ConfinedTree tree, EntryPath path) throws IOException {
        Optional<Path> place = tree.existingPlace(path);
        if (place.isEmpty() || !Files.exists(place.get(), LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        EntryPath here = path.sibling(".");
        Instant modified = FileStatus.of(place.get().resolveSibling(".")).modified();
        tree.remove(path);
        Path parent = tree.existingPlace(here).orElseThrow(() -> new NoSuchFileException(here.value()));
        FileNodes.setTimesNoFollow(parent, modified.getEpochSecond(), modified.getNano());
    }

    private Result run(InputStream in, Path root) throws IOException {
        TarReader reader = new TarReader(in, source);
        for (Optional<TarEntry> next = reader.next(); next.isPresent(); next = reader.next()) {
            TarEntry entry = next.get();
            meter.count(entry);
            try {
                unpack(entry, reader.content());
            } catch (ArchiveException e) {
                throw e;
            } catch (IOException e) {
                throw new IOException(
                        "cannot unpack \"%s\" of %s below %s: %s".formatted(entry.name(), source, root, e.getMessage()),
                        e);
            }
        }
        attributes.finishDirectories();
        return new Result(meter.entries(), meter.bytes(), List.copyOf(warnings));
    }

    private void unpack(TarEntry entry, InputStream content) throws IOException {
        boolean layer = options.whiteouts() == Whiteouts.OVERLAY;
        EntryPath path = layer ? EntryPath.parseBelowRoot(entry.name(), source) : EntryPath.parse(entry.name(), source);
        if (options.duplicates() == Duplicates.REFUSE && !seen.add(path.value())) {
            throw unsafe(entry, "is there twice");
        }
        if (entry.kind() == Kind.DIRECTORY) {
            makeDirectory(path, entry);
            return;
        }
        if (path.isRoot()) {
            throw unsafe(entry, "would replace the directory itself");
        }
        try {
            if (layer && LayerWhiteouts.isWhiteout(path)) {
                LayerWhiteouts.apply(path, entry, tree, source);
                return;
            }
            make(path, entry, content);
        } catch (LinuxException | FileAlreadyExistsException e) {
            throw parentIsNoDirectory(e) ? unsafe(entry, "is below something that is no directory") : e;
        }
    }

    private static boolean parentIsNoDirectory(IOException e) {
        return e instanceof FileAlreadyExistsException || ConfinedTree.isNoDirectory(e);
    }

    private void make(EntryPath path, TarEntry entry, InputStream content) throws IOException {
        tree.place(path);
        switch (entry.kind()) {
            case HARD_LINK -> {
                makeHardLink(path, entry);
                return;
            }
            case FILE -> replacing(path, place -> FileWriter.write(place, content, entry.size()));
            case SYMBOLIC_LINK ->
                replacing(path, place -> FileNodes.symlink(FileNames.encode(entry.linkName()), place));
            case FIFO -> replacing(path, place -> FileNodes.mkfifo(place, 0600));
            case CHARACTER_DEVICE, BLOCK_DEVICE -> makeDevice(path, entry);
            case DIRECTORY -> throw new IllegalStateException("directories are made elsewhere");
        }
        attributes.apply(path, entry);
    }

    private void makeDevice(EntryPath path, TarEntry entry) throws IOException {
        if (!options.allowDevices()) {
            throw unsafe(entry, "is a device node, which is not allowed here");
        }
        int type = entry.kind() == Kind.BLOCK_DEVICE ? FileNodes.S_IFBLK : FileNodes.S_IFCHR;
        long number = FileNodes.device(entry.deviceMajor(), entry.deviceMinor());
        replacing(path, place -> FileNodes.mknod(place, type | 0600, number));
    }

    private void makeHardLink(EntryPath path, TarEntry entry) throws IOException {
        EntryPath existing = options.whiteouts() == Whiteouts.OVERLAY
                ? EntryPath.parseBelowRoot(entry.linkName(), source)
                : EntryPath.parse(entry.linkName(), source);
        if (existing.equals(path)) {
            return;
        }
        Optional<Path> target = tree.existingPlace(existing);
        if (target.isEmpty() || !Files.exists(target.get(), LinkOption.NOFOLLOW_LINKS)) {
            throw new ArchiveException(
                    Code.MISSING_ENTRY,
                    "entry \"%s\" of %s is a hard link to \"%s\", which is not there: make the archive anew"
                            .formatted(entry.name(), source, entry.linkName()));
        }
        if (Files.isDirectory(target.get(), LinkOption.NOFOLLOW_LINKS)) {
            throw unsafe(entry, "is a hard link to a directory");
        }
        replacing(path, place -> tree.link(existing, path));
    }

    private void makeDirectory(EntryPath path, TarEntry entry) throws IOException {
        if (path.isRoot()) {
            attributes.applyLater(path, entry);
            return;
        }
        try {
            Path place = tree.place(path);
            boolean kept = Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS);
            boolean overWhiteout = false;
            if (!kept) {
                overWhiteout = options.whiteouts() == Whiteouts.OVERLAY && LayerWhiteouts.isInPlace(place);
                replacing(path, true, FileWriter::makeDirectory);
                attributes.dropInheritedAcl(path);
            }
            if (overWhiteout) {
                LayerWhiteouts.makeOpaque(tree.place(path));
            }
        } catch (LinuxException | FileAlreadyExistsException e) {
            throw parentIsNoDirectory(e) ? unsafe(entry, "is below something that is no directory") : e;
        }
        attributes.applyLater(path, entry);
    }

    /** Makes something under a name, after removing what has the name if that turns out to be in the way. */
    private void replacing(EntryPath path, Making making) throws IOException {
        replacing(path, false, making);
    }

    private void replacing(EntryPath path, boolean byDirectory, Making making) throws IOException {
        try {
            making.at(tree.place(path));
        } catch (IOException e) {
            if (!FileWriter.isInTheWay(e)) {
                throw e;
            }
            if (!options.mixedKinds()) {
                refuseMixedKinds(path, byDirectory);
            }
            tree.remove(path);
            attributes.forget(path);
            making.at(tree.place(path));
        }
    }

    private void refuseMixedKinds(EntryPath path, boolean byDirectory) throws IOException {
        boolean isDirectory = Files.isDirectory(tree.place(path), LinkOption.NOFOLLOW_LINKS);
        if (isDirectory != byDirectory) {
            throw new IOException(
                    isDirectory
                            ? "there is a directory of that name, which a file may not replace unless overwriting is asked for"
                            : "there is something of that name that is no directory, which a directory may not replace unless"
                                    + " overwriting is asked for");
        }
    }

    private ArchiveException unsafe(TarEntry entry, String why) {
        return new ArchiveException(
                Code.UNSAFE_ENTRY,
                "entry \"%s\" of %s %s: do not trust this archive".formatted(entry.name(), source, why));
    }

    private interface Making {
        void at(Path place) throws IOException;
    }
}

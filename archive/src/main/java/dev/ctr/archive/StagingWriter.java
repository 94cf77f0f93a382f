package dev.ctr.archive;

import dev.ctr.archive.ArchiveException.Code;
import dev.ctr.archive.TarEntry.Kind;
import dev.ctr.criu.linux.FileNodes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Writes the entries of a checkpoint archive that are allowed into a directory of their own. */
final class StagingWriter {
    private static final Set<String> FILES = Set.of(
            ArchiveEntries.CONFIG_DUMP,
            ArchiveEntries.SPEC_DUMP,
            ArchiveEntries.NETWORK_STATUS,
            ArchiveEntries.DEVSHM_TAR,
            ArchiveEntries.ROOTFS_DIFF_TAR,
            ArchiveEntries.DELETED_FILES,
            ArchiveEntries.LOG,
            ArchiveEntries.STATS_DUMP);
    private static final List<String> TREES = List.of(ArchiveEntries.CHECKPOINT, ArchiveEntries.ARTIFACTS);
    private static final Set<String> JSON =
            Set.of(ArchiveEntries.CONFIG_DUMP, ArchiveEntries.SPEC_DUMP, ArchiveEntries.NETWORK_STATUS);

    /** What is read into memory as a whole is not longer. */
    static final long MAX_JSON = 16 << 20;

    private static final int MAX_DEPTH = 256;
    private static final int MAX_WARNINGS = 100;
    private static final int PERMISSIONS = 0777;
    private static final int OWNER_MAY_ALL = 0700;

    private final Path staging;
    private final String source;
    private final ExtractionLimits.Meter meter;
    private final Map<String, Kind> made = new HashMap<>();
    private final Set<String> imagesByFoldedName = new HashSet<>();
    private final List<String> entries = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    StagingWriter(Path staging, String source, ExtractionLimits limits) {
        this.staging = staging;
        this.source = source;
        this.meter = limits.new Meter(source);
    }

    UnpackedArchive result(Optional<ArchiveManifest> manifest) {
        return new UnpackedArchive(staging, source, entries, warnings, meter.bytes(), manifest);
    }

    /** Unpacks an entry, or leaves it out if nobody knows it. */
    void unpack(TarEntry entry, InputStream content) throws IOException {
        meter.count(entry);
        EntryPath path = EntryPath.parse(entry.name(), source);
        if (path.isRoot() && entry.kind() == Kind.DIRECTORY) {
            return;
        }
        refuseLookalike(path, entry);
        if (!isKnown(path, entry.kind())) {
            warn("left out entry \"%s\" of %s: no checkpoint needs it".formatted(entry.name(), source));
            return;
        }
        if (entry.kind() == Kind.DIRECTORY && isFile(path)) {
            throw unsafe(entry, "is a directory where a file belongs");
        }
        if (JSON.contains(path.value())) {
            refuseLongerThan(MAX_JSON, entry, source);
        } else if (path.value().equals(ArchiveEntries.DELETED_FILES)) {
            refuseLongerThan(DeletedFiles.MAX_SIZE, entry, source);
        }
        if (path.value().chars().filter(c -> c == '/').count() > MAX_DEPTH) {
            throw unsafe(entry, "is nested deeper than %d directories".formatted(MAX_DEPTH));
        }
        makeParents(path, entry);
        if (made.putIfAbsent(path.value(), entry.kind()) != null) {
            throw unsafe(entry, "is there twice");
        }
        if (isCriuImage(path) && !imagesByFoldedName.add(folded(path.value()))) {
            throw unsafe(entry, "differs from another one only by case or by how its letters are composed");
        }
        Path place = staging.resolve(FileNames.path(path.value()));
        switch (entry.kind()) {
            case FILE -> writeFile(place, entry, content);
            case DIRECTORY -> {
                FileWriter.makeDirectory(place);
                FileNodes.chmod(place, (entry.mode() & PERMISSIONS) | OWNER_MAY_ALL);
            }
            case SYMBOLIC_LINK -> makeParentLink(path, place, entry);
            default -> throw unsafe(entry, "is no file and no directory");
        }
        entries.add(entry.kind() == Kind.DIRECTORY ? path.value() + "/" : path.value());
    }

    /** On file systems that fold names it would be the file that it looks like. */
    private void refuseLookalike(EntryPath path, TarEntry entry) throws ArchiveException {
        int slash = path.value().indexOf('/');
        String first = slash < 0 ? path.value() : path.value().substring(0, slash);
        String folded = folded(first);
        boolean isKnownName = FILES.contains(folded)
                || folded.equals(ArchiveEntries.MANIFEST)
                || (folded + "/").equals(ArchiveEntries.VOLUMES)
                || TREES.contains(folded + "/")
                || CheckpointLevels.level(folded).isPresent();
        if (isKnownName && !folded.equals(first)) {
            throw unsafe(entry, "differs from \"" + folded + "\" only by case or by how its letters are composed");
        }
    }

    private static String folded(String name) {
        return Normalizer.normalize(name, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    }

    private static boolean isCriuImage(EntryPath path) {
        String top = path.value().substring(0, (path.value() + "/").indexOf('/'));
        return (top + "/").equals(ArchiveEntries.CHECKPOINT)
                || CheckpointLevels.level(top).isPresent();
    }

    /** Refuses an entry that is to be read into memory and is too long for that. */
    static void refuseLongerThan(long limit, TarEntry entry, String source) throws ArchiveException {
        if (entry.size() > limit) {
            throw new ArchiveException(
                    Code.LIMIT,
                    "entry \"%s\" of %s has %d bytes, more than the %d that it may have: do not trust this archive"
                            .formatted(entry.name(), source, entry.size(), limit));
        }
    }

    private void warn(String warning) {
        if (warnings.size() < MAX_WARNINGS) {
            warnings.add(ArchiveException.printable(warning));
        }
    }

    private void writeFile(Path place, TarEntry entry, InputStream content) throws IOException {
        try {
            FileWriter.write(place, content, entry.size());
        } catch (ArchiveException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(
                    "cannot unpack \"%s\" of %s into %s: %s".formatted(entry.name(), source, staging, e.getMessage()),
                    e);
        }
        FileNodes.chmod(place, entry.mode() & PERMISSIONS);
    }

    private void makeParentLink(EntryPath path, Path place, TarEntry entry) throws IOException {
        if (!CheckpointLevels.mayLink(path.value(), entry.linkName())) {
            throw unsafe(entry, "is a link to \"" + entry.linkName() + "\"");
        }
        Files.createSymbolicLink(place, Path.of(entry.linkName()));
    }

    /** Directories on the way need no entries of their own, but nothing else may have their names. */
    private void makeParents(EntryPath path, TarEntry entry) throws IOException {
        EntryPath parent = path.parent();
        if (parent.isRoot()) {
            return;
        }
        Kind kind = made.get(parent.value());
        if (kind == null) {
            makeParents(parent, entry);
            made.put(parent.value(), Kind.DIRECTORY);
            FileWriter.makeDirectory(staging.resolve(FileNames.path(parent.value())));
        } else if (kind != Kind.DIRECTORY) {
            throw unsafe(entry, "is below something that is no directory");
        }
    }

    private static boolean isKnown(EntryPath path, Kind kind) {
        String name = path.value();
        if (FILES.contains(name)) {
            return true;
        }
        if ((name + "/").equals(ArchiveEntries.VOLUMES)) {
            return kind == Kind.DIRECTORY;
        }
        if (name.startsWith(ArchiveEntries.VOLUMES)) {
            return name.endsWith(".tar") && name.indexOf('/', ArchiveEntries.VOLUMES.length()) < 0;
        }
        String top = name.substring(0, (name + "/").indexOf('/'));
        return TREES.contains(top + "/") || CheckpointLevels.level(top).isPresent();
    }

    private static boolean isFile(EntryPath path) {
        return FILES.contains(path.value())
                || (path.value().startsWith(ArchiveEntries.VOLUMES)
                        && path.value().endsWith(".tar"));
    }

    private ArchiveException unsafe(TarEntry entry, String why) {
        return new ArchiveException(
                Code.UNSAFE_ENTRY,
                "entry \"%s\" of %s %s: do not trust this archive".formatted(entry.name(), source, why));
    }
}

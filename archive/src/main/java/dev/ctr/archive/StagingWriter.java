package dev.ctr.archive;

import dev.ctr.archive.ArchiveException.Code;
import dev.ctr.archive.TarEntry.Kind;
import dev.ctr.criu.linux.FileNodes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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
    private static final int MAX_WARNINGS = 100;
    private static final int PERMISSIONS = 0777;
    private static final int OWNER_MAY_ALL = 0700;

    private final Path staging;
    private final String source;
    private final ExtractionLimits.Meter meter;
    private final Map<String, Kind> made = new HashMap<>();
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
        if (!isKnown(path, entry.kind())) {
            warn("left out entry \"%s\" of %s: no checkpoint needs it".formatted(entry.name(), source));
            return;
        }
        makeParents(path, entry);
        if (made.putIfAbsent(path.value(), entry.kind()) != null) {
            throw unsafe(entry, "is there twice");
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

    private void warn(String warning) {
        if (warnings.size() < MAX_WARNINGS) {
            warnings.add(warning);
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

    private ArchiveException unsafe(TarEntry entry, String why) {
        return new ArchiveException(
                Code.UNSAFE_ENTRY,
                "entry \"%s\" of %s %s: do not trust this archive".formatted(entry.name(), source, why));
    }
}

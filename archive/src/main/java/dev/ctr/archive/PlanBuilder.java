package dev.ctr.archive;

import dev.ctr.archive.TarEntry.Kind;
import dev.ctr.archive.TarPlan.PlannedEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Collects the entries of a {@link TarPlan}, and finds which of them are further names of the same file. */
final class PlanBuilder {
    private final Path root;
    private final String prefix;
    private final List<PlannedEntry> entries = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final Map<Inode, String> firstNames = new HashMap<>();

    /**
     * @param root what paths are relative to
     * @param prefix what their names in the archive begin with
     */
    PlanBuilder(Path root, String prefix) {
        this.root = root;
        this.prefix = prefix;
    }

    /** Adds a file or directory with the attributes it has now; a directory without what is in it. */
    void add(String path, Path file, FileStatus status) throws IOException {
        add(path, file, status, Set.of());
    }

    /** As {@link #add(String, Path, FileStatus)}; an existing directory loses these attributes when it is unpacked. */
    void add(String path, Path file, FileStatus status, Set<String> removedXattrs) throws IOException {
        Optional<Kind> kind = status.kind();
        if (kind.isEmpty()) {
            warnings.add(
                    "left out the socket %s: sockets cannot be archived".formatted(root.resolve(FileNames.path(path))));
            return;
        }
        String name = prefix + (kind.get() == Kind.DIRECTORY && !path.isEmpty() ? path + "/" : path);
        if (status.links() > 1 && kind.get() != Kind.DIRECTORY) {
            String first = firstNames.putIfAbsent(new Inode(status.device(), status.inode()), name);
            if (first != null) {
                entries.add(new PlannedEntry(
                        entry(name, Kind.HARD_LINK, status, first, Map.of(), Set.of()), path, FileVersion.of(status)));
                return;
            }
        }
        String target = kind.get() == Kind.SYMBOLIC_LINK ? FileNames.ofLinkTarget(Files.readSymbolicLink(file)) : "";
        Map<String, byte[]> xattrs = ExtendedAttributes.read(file);
        entries.add(new PlannedEntry(
                entry(name, kind.get(), status, target, xattrs, removedXattrs), path, FileVersion.of(status)));
    }

    /** Takes back the entry that was added last. */
    void removeLast() {
        entries.remove(entries.size() - 1);
    }

    /** The entries that were added, which are forgotten but for their further names. */
    List<PlannedEntry> drain() {
        List<PlannedEntry> added = List.copyOf(entries);
        entries.clear();
        return added;
    }

    List<String> warnings() {
        return warnings;
    }

    int entryCount() {
        return entries.size();
    }

    TarPlan build() {
        return new TarPlan(root, entries, warnings);
    }

    private static TarEntry entry(
            String name,
            Kind kind,
            FileStatus status,
            String linkName,
            Map<String, byte[]> xattrs,
            Set<String> removedXattrs) {
        return new TarEntry(
                name,
                kind,
                status.mode(),
                status.uid(),
                status.gid(),
                kind == Kind.FILE ? status.size() : 0,
                status.modified(),
                linkName,
                kind.isDevice() ? status.deviceMajor() : 0,
                kind.isDevice() ? status.deviceMinor() : 0,
                xattrs,
                removedXattrs);
    }

    private record Inode(long device, long number) {}
}

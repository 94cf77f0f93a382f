package dev.ctr.archive;

import dev.ctr.archive.ImageDirectory.Node;
import dev.ctr.archive.RootfsChanges.Change;
import dev.ctr.archive.RootfsChanges.Kind;
import dev.ctr.criu.linux.DirectoryDescriptor;
import dev.ctr.criu.linux.Errno;
import dev.ctr.criu.linux.LinuxException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** One walk over an upper directory, beside the image's directories of the same names. */
final class RootfsScan {
    private final Path upper;
    private final Set<String> excluded;
    private final PlanBuilder plan;
    private final List<Change> changes = new ArrayList<>();
    private final List<String> deleted = new ArrayList<>();

    RootfsScan(Path upper, Set<String> excluded) throws IOException {
        this.upper = upper.toRealPath();
        this.excluded = normalized(excluded);
        this.plan = new PlanBuilder(this.upper, "");
    }

    private static Set<String> normalized(Set<String> paths) throws IOException {
        Set<String> normalized = new HashSet<>();
        for (String path : paths) {
            normalized.add(EntryPath.parseBelowRoot(path, "the mount points").value());
        }
        return normalized;
    }

    /** What is different somewhere below a directory, in the order of importance. */
    private enum Difference {
        NOTHING,
        /** Content or attributes of what the image has too. */
        CONTENT,
        /** Something was added or deleted. */
        NAMES;

        Difference and(Difference other) {
            return compareTo(other) < 0 ? other : this;
        }
    }

    RootfsChanges run(ImageDirectory image) throws IOException {
        FileStatus status = FileStatus.of(upper);
        plan.add(".", upper, status, removedXattrs(upper, image));
        Difference below;
        try (DirectoryDescriptor top = DirectoryDescriptor.open(upper)) {
            below = scanChildren("", top, image, false);
        }
        boolean same = image.layers().isEmpty() || sameAttributesButTime(upper, status, image);
        if (below == Difference.NOTHING && same) {
            plan.removeLast();
        }
        changes.sort(Comparator.comparing(change -> change.path().replace('/', '\0')));
        return new RootfsChanges(changes, plan.build(), deleted);
    }

    private Difference scanChildren(String path, DirectoryDescriptor directory, ImageDirectory image, boolean opaque)
            throws IOException {
        Difference difference = Difference.NOTHING;
        Set<String> names = new HashSet<>();
        for (Path child : TreeWalk.names(directory)) {
            String name = FileNames.of(child);
            names.add(name);
            try {
                difference = difference.and(scan(path + name, directory, child, image.lookup(name), opaque));
            } catch (NoSuchFileException removedMeanwhile) {
                // As if it had been removed before the directory was listed.
            } catch (LinuxException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw e;
                }
            }
        }
        if (opaque) {
            for (String name : image.names()) {
                if (!names.contains(name)) {
                    difference = difference.and(delete(path + name));
                }
            }
        }
        return difference;
    }

    private Difference scan(String path, DirectoryDescriptor directory, Path name, Node image, boolean opaqueParent)
            throws IOException {
        Path file = directory.path().resolve(name);
        FileStatus status = FileStatus.of(file);
        if (excluded.contains(path)) {
            boolean isOnlyMountPoint = status.isDirectory() && image instanceof Node.Absent;
            if (isOnlyMountPoint) {
                plan.add(path, file, status);
            }
            return isOnlyMountPoint ? Difference.CONTENT : Difference.NOTHING;
        }
        if (status.isWhiteout()) {
            return image instanceof Node.Absent ? Difference.NOTHING : delete(path);
        }
        if (status.isDirectory()) {
            try (DirectoryDescriptor child = directory.descendWithoutLinks(name)) {
                return scanDirectory(path, child, status, image, opaqueParent);
            } catch (LinuxException e) {
                if (ConfinedTree.isNoDirectory(e)) {
                    return Difference.NOTHING;
                }
                throw e;
            }
        }
        if (status.isRegular()) {
            OverlayFeatures.refuseMetacopy(file, "/" + path);
        }
        plan.add(path, file, status);
        return record(path, image);
    }

    private Difference scanDirectory(
            String path, DirectoryDescriptor directory, FileStatus status, Node image, boolean opaqueParent)
            throws IOException {
        Path file = directory.path().resolve(".");
        OverlayFeatures.refuseRedirect(file, "/" + path);
        ImageDirectory merged = image instanceof Node.Directory d ? d.merged() : ImageDirectory.MISSING;
        plan.add(path, file, status, removedXattrs(file, merged));
        boolean opaque = opaqueParent || ExtendedAttributes.isOpaque(file);
        Difference below = scanChildren(path + "/", directory, merged, opaque);
        boolean same = !merged.layers().isEmpty()
                && sameAttributesButTime(file, status, merged)
                && FileStatus.of(merged.layers().get(0)).modified().equals(status.modified());
        if (!same || below == Difference.NAMES) {
            return below.and(record(path, image));
        }
        if (below == Difference.NOTHING) {
            plan.removeLast();
        }
        return below;
    }

    private Difference record(String path, Node image) {
        boolean added = image instanceof Node.Absent;
        changes.add(new Change(added ? Kind.ADDED : Kind.CHANGED, "/" + path));
        return added ? Difference.NAMES : Difference.CONTENT;
    }

    private Difference delete(String path) {
        if (excluded.contains(path)) {
            return Difference.NOTHING;
        }
        deleted.add("/" + path);
        changes.add(new Change(Kind.DELETED, "/" + path));
        return Difference.NAMES;
    }

    private static boolean sameAttributesButTime(Path file, FileStatus status, ImageDirectory image)
            throws IOException {
        Path uppermost = image.layers().get(0);
        FileStatus before = FileStatus.of(uppermost);
        return before.mode() == status.mode()
                && before.uid() == status.uid()
                && before.gid() == status.gid()
                && same(ExtendedAttributes.read(file), ExtendedAttributes.read(uppermost));
    }

    private static boolean same(Map<String, byte[]> attributes, Map<String, byte[]> others) {
        return attributes.keySet().equals(others.keySet())
                && attributes.entrySet().stream().allMatch(a -> Arrays.equals(a.getValue(), others.get(a.getKey())));
    }

    /** Attributes that the image's directory has and this one has not. */
    private static Set<String> removedXattrs(Path file, ImageDirectory image) throws IOException {
        if (image.layers().isEmpty()) {
            return Set.of();
        }
        Set<String> removed =
                new TreeSet<>(ExtendedAttributes.read(image.layers().get(0)).keySet());
        removed.removeAll(ExtendedAttributes.read(file).keySet());
        return removed;
    }
}

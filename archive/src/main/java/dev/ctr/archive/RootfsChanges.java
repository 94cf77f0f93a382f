package dev.ctr.archive;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * What a container changed in its root file system, told from the directories of its overlay mount. Extracting {@link #tarPlan}
 * over the image and then removing {@link #deletedFiles} ({@link TarExtractor#deleteInside}) gives the tree that the container
 * has; so does podman's restore.
 *
 * <p>Immutable, but for the files themselves: read them while nobody writes.
 */
public final class RootfsChanges {
    private final List<Change> changes;
    private final TarPlan tarPlan;
    private final List<String> deletedFiles;

    RootfsChanges(List<Change> changes, TarPlan tarPlan, List<String> deletedFiles) {
        this.changes = List.copyOf(changes);
        this.tarPlan = tarPlan;
        this.deletedFiles = List.copyOf(deletedFiles);
    }

    /** How a path differs from the image's. */
    public enum Kind {
        /** The image has no such path. */
        ADDED('A'),
        /** The image has the path too. */
        CHANGED('C'),
        /** The image has the path, the container does not. */
        DELETED('D');

        private final char letter;

        Kind(char letter) {
            this.letter = letter;
        }

        /** As {@code podman diff} prints it. */
        public char letter() {
            return letter;
        }
    }

    /**
     * One changed path.
     *
     * @param path absolute, as the container sees it
     */
    public record Change(Kind kind, String path) {
        /** As {@code podman diff} prints it. */
        @Override
        public String toString() {
            return kind.letter() + " " + path;
        }
    }

    /**
     * Compares an upper directory with the layers below it. Sub-directories that were renamed with {@code redirect_dir=on}, and
     * files with {@code metacopy=on}, are refused.
     *
     * @param upper the upper directory of an overlay mount
     * @param lowers its lower directories, the top one first, as in the mount option {@code lowerdir}
     * @param excluded absolute paths, as the container sees them, that are left out with all that is below them: mount
     *     points. A directory that is only there to be mounted on is taken along empty
     * @throws IOException if a directory cannot be read
     */
    public static RootfsChanges scan(Path upper, List<Path> lowers, Set<String> excluded) throws IOException {
        return new RootfsScan(upper, excluded).run(ImageDirectory.root(lowers));
    }

    /**
     * The changed paths, each directory before what is in it. As in {@code podman diff}, a directory counts as changed if its own
     * attributes are different or if something was added or deleted somewhere in it, and not if files in it only have other
     * content. Unlike there, a directory that was deleted and made anew is a change with its missing content deleted, not one
     * deletion (which podman's restore applies to the new directory).
     */
    public List<Change> changes() {
        return changes;
    }

    /** The tar of everything added or changed, directories with changed attributes included; names are relative to {@code /}. */
    public TarPlan tarPlan() {
        return tarPlan;
    }

    /** Absolute paths that the image has and the container has not; one for a directory with all that was in it. */
    public List<String> deletedFiles() {
        return deletedFiles;
    }

    /**
     * The tar of a layer for an image above the one compared with: {@link #tarPlan} and a whiteout for each deleted path (OCI image
     * specification, layer.md).
     */
    public TarPlan layerPlan() {
        return tarPlan.with(LayerWhiteouts.entries(deletedFiles));
    }

    /** Whether the container's tree is the image's. */
    public boolean isEmpty() {
        return tarPlan.entryCount() == 0 && deletedFiles.isEmpty();
    }
}

package dev.ctr.lifecycle;

import dev.ctr.archive.RootfsChanges;
import dev.ctr.archive.TreeSize;
import dev.ctr.lifecycle.storage.RootFilesystem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** What a container's own layer, or an image's uppermost one, changes in those below, and how large they are. */
final class LayerChanges {
    /** What every container engine makes in a root file system; podman does not call it a change (libpod/diff.go). */
    private static final Set<String> MADE_BY_ENGINES = Set.of(
            "/dev",
            "/etc/hostname",
            "/etc/hosts",
            "/etc/resolv.conf",
            "/proc",
            "/run",
            "/run/notify",
            "/run/.containerenv",
            "/run/secrets",
            "/sys",
            "/etc/mtab");

    private LayerChanges() {}

    /** A container's changes, by path. */
    static List<RootfsChanges.Change> of(ContainerConfig config, RootFilesystem root) throws IOException {
        if (root.plain()) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "cannot tell the changes of " + config.name() + ": its root file system is the directory "
                            + root.path() + " itself, and nothing is kept of how it was");
        }
        return between(root.upper(), root.lower());
    }

    /**
     * The changes that the first of an image's layers makes in the others.
     *
     * @param layers the top first
     */
    static List<RootfsChanges.Change> ofImage(List<Path> layers) throws IOException {
        return layers.isEmpty() ? List.of() : between(layers.get(0), layers.subList(1, layers.size()));
    }

    private static List<RootfsChanges.Change> between(Path upper, List<Path> lower) throws IOException {
        return RootfsChanges.scan(upper, lower, Set.of()).changes().stream()
                .filter(change -> !MADE_BY_ENGINES.contains(change.path()))
                .sorted(Comparator.comparing(RootfsChanges.Change::path))
                .toList();
    }

    /** Bytes of all files in a container's own layer; 0 without one. */
    static long writableSize(RootFilesystem root) throws IOException {
        return root.plain() ? 0 : TreeSize.of(root.upper());
    }

    /** Bytes of all files in the layers below it. */
    static long rootSize(RootFilesystem root) throws IOException {
        long size = 0;
        for (Path layer : root.lower()) {
            size += TreeSize.of(layer);
        }
        return size;
    }
}

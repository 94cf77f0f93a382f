package dev.ctr.lifecycle.storage;

import dev.ctr.criu.linux.LinuxException;
import dev.ctr.criu.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A container's root file system: a layer of its own over lower directories, by an overlay mount, or a plain directory of
 * the host without a layer. Mounting what is mounted and unmounting what is not are no errors.
 *
 * @param lower the directories below the container's own layer, top first; one alone for a plain directory
 * @param upper the container's own layer
 * @param work what the overlay file system needs besides, on the same file system as {@code upper}
 * @param merged where the whole is mounted
 * @param plain whether {@code lower} is used as it is, without a layer
 */
public record RootFilesystem(List<Path> lower, Path upper, Path work, Path merged, boolean plain) {
    private static final int LONGEST_MOUNT_DATA = 4095;

    public RootFilesystem {
        lower = List.copyOf(lower);
    }

    /** Where the container's root is once it is mounted. */
    public Path path() {
        return plain ? lower.get(0) : merged;
    }

    /** Makes the directories. */
    public void create() throws IOException {
        if (!plain) {
            Files.createDirectories(upper.getParent());
            // The top directory's mode is the container's root directory's, and CRIU insists on it.
            Files.createDirectory(upper);
            Files.setPosixFilePermissions(upper, Files.getPosixFilePermissions(lower.get(0)));
            Files.createDirectory(work);
            Files.createDirectory(merged);
        }
    }

    /** Mounts it. */
    public void mount() throws IOException {
        if (plain || Mounts.isMounted(merged)) {
            return;
        }
        String data = "lowerdir="
                + lower.stream().map(RootFilesystem::escaped).collect(Collectors.joining(":"))
                + ",upperdir=" + escaped(upper) + ",workdir=" + escaped(work);
        if (data.length() > LONGEST_MOUNT_DATA) {
            throw new IOException("cannot mount a root file system of " + lower.size()
                    + " layers: their paths are longer than the kernel takes; use a shorter --root");
        }
        try {
            Mounts.mount("overlay", merged, "overlay", 0, data);
        } catch (LinuxException e) {
            throw new IOException("cannot mount the container's root file system: " + e.getMessage(), e);
        }
    }

    public void unmount() throws IOException {
        if (!plain && Files.exists(merged)) {
            Mounts.unmountAllBelow(merged);
        }
    }

    private static String escaped(Path path) {
        return path.toString().replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,");
    }
}

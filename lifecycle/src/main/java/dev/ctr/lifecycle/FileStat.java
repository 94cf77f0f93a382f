package dev.ctr.lifecycle;

import dev.ctr.criu.linux.DirectoryDescriptor;
import dev.ctr.criu.linux.PinnedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * What is known of a file in a container; links have been followed.
 *
 * @param name the last part of the path that was asked for
 * @param size bytes of content
 * @param mode {@code st_mode}: the file type's bits and the twelve permission bits
 * @param modified when the content last changed
 * @param isDirectory whether it is a directory
 * @param linkTarget where it is, absolute in the container: other than the path asked for if that has links
 */
public record FileStat(String name, long size, int mode, Instant modified, boolean isDirectory, String linkTarget) {
    private static final int PERMISSIONS = 0777;

    /** Go's os.FileMode, which podman reports: file type and special bits from the top, the permissions below (io/fs). */
    public long goMode() {
        long type = switch (mode & 0170000) {
            case 0040000 -> 1L << 31;
            case 0120000 -> 1L << 27;
            case 0060000 -> 1L << 26;
            case 0010000 -> 1L << 25;
            case 0140000 -> 1L << 24;
            case 0020000 -> 1L << 26 | 1L << 21;
            default -> 0;
        };
        long special = ((mode & 04000) != 0 ? 1L << 23 : 0)
                | ((mode & 02000) != 0 ? 1L << 22 : 0)
                | ((mode & 01000) != 0 ? 1L << 20 : 0);
        return type | special | (mode & PERMISSIONS);
    }

    /** Looks at a path in a container. */
    static FileStat of(Container container, String path) throws IOException, InterruptedException {
        String absolute = path.startsWith("/") ? path : "/" + path;
        return ContainerRoot.using(container, ContainerRoot.Extent.ALL_MOUNTS, (root, config) -> {
            try {
                return of(root, absolute);
            } catch (IOException e) {
                if (!FilePlace.isMissing(e)) {
                    throw e;
                }
                throw new EngineException(
                        EngineException.Code.INVALID_ARGUMENT,
                        "\"" + absolute + "\" could not be found on container " + config.name()
                                + ": no such file or directory",
                        e);
            }
        });
    }

    private static FileStat of(DirectoryDescriptor root, String path) throws IOException {
        try (PinnedFile top = root.pin();
                FilePlace place = FilePlace.resolve(root, path);
                PinnedFile file = place.pin()) {
            Map<String, Object> attributes = Files.readAttributes(file.path(), "unix:mode,size,lastModifiedTime");
            int mode = (int) Objects.requireNonNull(attributes.get("mode"));
            Path asked = FilePlace.path(path).normalize().getFileName();
            return new FileStat(
                    asked == null ? "/" : asked.toString(),
                    (long) Objects.requireNonNull(attributes.get("size")),
                    mode,
                    ((FileTime) Objects.requireNonNull(attributes.get("lastModifiedTime"))).toInstant(),
                    (mode & 0170000) == 0040000,
                    inside(top.kernelPath(), file.kernelPath()));
        }
    }

    /** A path of the kernel's as seen from the root. */
    private static String inside(Path top, Path file) {
        return file.startsWith(top) ? "/" + top.relativize(file) : file.toString();
    }
}

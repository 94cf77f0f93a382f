package dev.ctr.archive;

import dev.ctr.archive.TarEntry.Kind;
import dev.ctr.criu.linux.FileNodes;
import dev.ctr.criu.linux.PinnedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What {@code lstat(2)} says about a file.
 *
 * @param device number of the file system
 * @param inode number within it
 * @param links how many names the file has
 * @param format the file type's bits of st_mode
 * @param mode the lower twelve bits of st_mode
 * @param uid numeric owner
 * @param gid numeric group
 * @param size bytes of content
 * @param modified to the nanosecond
 * @param changed when content or attributes were last changed, which no program can set: to the nanosecond, but by a clock that
 *     ticks some hundred times a second
 * @param node number of a device node, as {@code makedev(3)} forms it
 */
record FileStatus(
        long device,
        long inode,
        int links,
        int format,
        int mode,
        long uid,
        long gid,
        long size,
        Instant modified,
        Instant changed,
        long node) {
    private static final String ATTRIBUTES = "unix:mode,ino,dev,rdev,nlink,uid,gid,size,lastModifiedTime,ctime";
    private static final int FORMAT_BITS = 0170000;
    private static final int SOCKET = 0140000;

    /** Looks at the file itself, not where a symbolic link points. */
    static FileStatus of(Path file) throws IOException {
        return of(Files.readAttributes(file, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS));
    }

    /** Looks at the very file that is held. */
    static FileStatus of(PinnedFile file) throws IOException {
        return of(Files.readAttributes(file.path(), ATTRIBUTES));
    }

    private static FileStatus of(Map<String, Object> read) {
        int mode = (int) number(read, "mode");
        return new FileStatus(
                number(read, "dev"),
                number(read, "ino"),
                (int) number(read, "nlink"),
                mode & FORMAT_BITS,
                mode & ~FORMAT_BITS,
                number(read, "uid") & 0xffff_ffffL,
                number(read, "gid") & 0xffff_ffffL,
                number(read, "size"),
                ((FileTime) attribute(read, "lastModifiedTime")).toInstant(),
                ((FileTime) attribute(read, "ctime")).toInstant(),
                number(read, "rdev"));
    }

    boolean isDirectory() {
        return kind().filter(k -> k == Kind.DIRECTORY).isPresent();
    }

    boolean isRegular() {
        return kind().filter(k -> k == Kind.FILE).isPresent();
    }

    boolean isSocket() {
        return format == SOCKET;
    }

    /** Whether overlayfs takes the file for a deletion: a character device with number 0:0. */
    boolean isWhiteout() {
        return node == 0 && kind().filter(k -> k == Kind.CHARACTER_DEVICE).isPresent();
    }

    /** The kind of tar entry; empty for a socket, which tar cannot hold. */
    Optional<Kind> kind() {
        return switch (format) {
            case 0100000 -> Optional.of(Kind.FILE);
            case 0040000 -> Optional.of(Kind.DIRECTORY);
            case 0120000 -> Optional.of(Kind.SYMBOLIC_LINK);
            case 0020000 -> Optional.of(Kind.CHARACTER_DEVICE);
            case 0060000 -> Optional.of(Kind.BLOCK_DEVICE);
            case 0010000 -> Optional.of(Kind.FIFO);
            default -> Optional.empty();
        };
    }

    /** Major number of a device node. */
    int deviceMajor() {
        return FileNodes.major(node);
    }

    /** Minor number of a device node. */
    int deviceMinor() {
        return FileNodes.minor(node);
    }

    private static long number(Map<String, Object> read, String name) {
        return ((Number) attribute(read, name)).longValue();
    }

    private static Object attribute(Map<String, Object> read, String name) {
        return Objects.requireNonNull(read.get(name), name);
    }
}

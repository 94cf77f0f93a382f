package dev.ctr.criu.linux;

import java.nio.file.Path;
import java.util.Arrays;

/** Makes device nodes and FIFOs, and sets the owner, mode and times of files, links themselves included. */
public final class FileNodes {
    /** File types, to be combined with the permissions in {@link #mknod}. */
    public static final int S_IFIFO = 0010000;

    public static final int S_IFCHR = 0020000;
    public static final int S_IFBLK = 0060000;
    public static final int S_IFSOCK = 0140000;

    private FileNodes() {}

    /** Makes a device node, FIFO or socket. The umask applies: {@link #chmod} sets the mode exactly. */
    public static void mknod(Path path, int mode, long device) throws LinuxException {
        if (LibC.mknod(PathBytes.terminated(path), mode, device) == -1) {
            throw LibC.failure("make the node " + path);
        }
    }

    /** Makes a FIFO. The umask applies. */
    public static void mkfifo(Path path, int mode) throws LinuxException {
        if (LibC.mkfifo(PathBytes.terminated(path), mode) == -1) {
            throw LibC.failure("make the FIFO " + path);
        }
    }

    /**
     * Makes a symbolic link.
     *
     * @param target where it points: bytes, because a {@link Path} loses a slash at the end
     */
    public static void symlink(byte[] target, Path link) throws LinuxException {
        if (LibC.symlink(Arrays.copyOf(target, target.length + 1), PathBytes.terminated(link)) == -1) {
            throw LibC.failure("make the symbolic link " + link);
        }
    }

    /** Changes owner and group of a file or of a link itself; -1 leaves one as it is. Clears set-user-ID bits: chmod after. */
    public static void lchown(Path path, int uid, int gid) throws LinuxException {
        if (LibC.lchown(PathBytes.terminated(path), uid, gid) == -1) {
            throw LibC.failure("change the owner of " + path);
        }
    }

    /**
     * Sets the twelve mode bits. A link in the last place is never followed, so that nobody can put one there and have the mode
     * of another file changed.
     *
     * @throws LinuxException with {@link Errno#EOPNOTSUPP} for a link, which has no mode
     */
    public static void chmod(Path path, int mode) throws LinuxException {
        if (LibC.fchmodat(LibC.AT_FDCWD, PathBytes.terminated(path), mode, LibC.AT_SYMLINK_NOFOLLOW) == -1) {
            throw LibC.failure("change the mode of " + path);
        }
    }

    /**
     * Sets the times of access and modification of a file or of a link itself.
     *
     * @param seconds since 1970, possibly negative
     * @param nanos 0 to 999 999 999
     */
    public static void setTimesNoFollow(Path path, long seconds, int nanos) throws LinuxException {
        long[] accessAndModification = {seconds, nanos, seconds, nanos};
        if (LibC.utimensat(LibC.AT_FDCWD, PathBytes.terminated(path), accessAndModification, LibC.AT_SYMLINK_NOFOLLOW)
                == -1) {
            throw LibC.failure("set the times of " + path);
        }
    }

    /** A device number as the kernel's {@code stat} has it. */
    public static long device(int major, int minor) {
        long ma = Integer.toUnsignedLong(major);
        long mi = Integer.toUnsignedLong(minor);
        return (mi & 0xff) | ((ma & 0xfff) << 8) | ((mi & ~0xffL) << 12) | ((ma & ~0xfffL) << 32);
    }

    public static int major(long device) {
        return (int) (((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfffL));
    }

    public static int minor(long device) {
        return (int) ((device & 0xff) | ((device >>> 12) & ~0xffL));
    }
}

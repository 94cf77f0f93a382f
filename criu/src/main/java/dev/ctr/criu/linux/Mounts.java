package dev.ctr.criu.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * Mounts file systems in this process's mount namespace, and reads its mount table. Reading needs no native code.
 *
 * <p>The flags are mount(2)'s and may be combined with {@code |}.
 */
public final class Mounts {
    public static final long RDONLY = 1;
    public static final long NOSUID = 1 << 1;
    public static final long NODEV = 1 << 2;
    public static final long NOEXEC = 1 << 3;
    public static final long REMOUNT = 1 << 5;
    public static final long NOATIME = 1 << 10;
    public static final long BIND = 1 << 12;
    public static final long MOVE = 1 << 13;
    public static final long REC = 1 << 14;
    public static final long UNBINDABLE = 1 << 17;
    public static final long PRIVATE = 1 << 18;
    public static final long SLAVE = 1 << 19;
    public static final long SHARED = 1 << 20;
    public static final long RELATIME = 1 << 21;

    private static final Path OWN_TABLE = Path.of("/proc/self/mountinfo");
    private static final int UNMOUNT_PASSES = 100;

    private Mounts() {}

    /**
     * Mounts a file system, or changes a mount (with {@link #REMOUNT} or a propagation flag; {@code source}, {@code type}
     * and {@code data} may then be empty).
     *
     * @param data the file system's options, comma separated, below 4096 bytes; empty for none
     * @throws LinuxException if the kernel refuses
     */
    public static void mount(String source, Path target, String type, long flags, String data) throws LinuxException {
        byte[] nativeType = type.isEmpty() ? null : PathBytes.terminated(type);
        byte[] nativeData = data.isEmpty() ? null : PathBytes.terminated(data);
        if (LibC.mount(PathBytes.terminated(source), PathBytes.terminated(target), nativeType, flags, nativeData)
                != 0) {
            throw LibC.failure("mount " + (type.isEmpty() ? source : type) + " on " + target);
        }
    }

    /**
     * Makes {@code source} visible at {@code target} too, without the mounts below it. Both are directories, or neither.
     *
     * @throws LinuxException if the kernel refuses
     */
    public static void bind(Path source, Path target) throws LinuxException {
        if (LibC.mount(PathBytes.terminated(source), PathBytes.terminated(target), null, BIND, null) != 0) {
            throw LibC.failure("bind " + source + " to " + target);
        }
    }

    /**
     * Unmounts the topmost mount at {@code target} without following a link there. If nothing is mounted there, or the path
     * does not exist, nothing happens.
     *
     * @throws LinuxException if it is busy or may not be unmounted
     */
    public static void unmount(Path target) throws LinuxException {
        unmount(target, 0);
    }

    /**
     * As {@link #unmount}, but succeeds on a busy mount: it disappears from the tree at once, and is gone when its last user
     * is.
     */
    public static void detach(Path target) throws LinuxException {
        unmount(target, LibC.MNT_DETACH);
    }

    /** The mounts of this process's mount namespace, parents before what is mounted on them later. */
    public static List<Mount> list() throws IOException {
        return MountTable.read(OWN_TABLE);
    }

    /** Whether something is mounted exactly at {@code path}; links are resolved, a missing path is not mounted. */
    public static boolean isMounted(Path path) throws IOException {
        if (!Files.exists(path)) {
            return false;
        }
        Path real = path.toRealPath();
        return list().stream().anyMatch(mount -> mount.mountPoint().equals(real));
    }

    /** The mounts at or below {@code directory}, a real path, the topmost and deepest first: the order to unmount them in. */
    static List<Mount> atOrBelow(Path directory) throws IOException {
        List<Mount> below = new ArrayList<>();
        for (Mount mount : list()) {
            if (mount.mountPoint().startsWith(directory)) {
                below.add(mount);
            }
        }
        Collections.reverse(below);
        below.sort(Comparator.comparing(mount -> -mount.mountPoint().getNameCount()));
        return below;
    }

    /**
     * Unmounts whatever is mounted at or below a directory, deepest and last mounted first. A busy mount is detached. A
     * missing directory has no mounts.
     *
     * @throws IOException if a mount stays
     */
    public static void unmountAllBelow(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        Path real = directory.toRealPath();
        List<Mount> remaining = atOrBelow(real);
        for (int pass = 0; pass < UNMOUNT_PASSES && !remaining.isEmpty(); pass++) {
            for (Mount mount : remaining) {
                unmountOrDetach(mount.mountPoint());
            }
            remaining = atOrBelow(real);
        }
        if (!remaining.isEmpty()) {
            throw new IOException(
                    "Cannot unmount " + remaining.get(0).mountPoint() + ": something mounts it again and again");
        }
    }

    private static void unmountOrDetach(Path target) throws LinuxException {
        try {
            unmount(target);
        } catch (LinuxException e) {
            if (e.errno() != Errno.EBUSY) {
                throw e;
            }
            detach(target);
        }
    }

    private static void unmount(Path target, int flags) throws LinuxException {
        if (LibC.umount2(PathBytes.terminated(target), LibC.UMOUNT_NOFOLLOW | flags) != 0
                && LibC.errno() != Errno.EINVAL
                && LibC.errno() != Errno.ENOENT) {
            throw LibC.failure("unmount " + target);
        }
    }
}

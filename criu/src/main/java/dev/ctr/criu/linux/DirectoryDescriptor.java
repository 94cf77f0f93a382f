package dev.ctr.criu.linux;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/**
 * A directory that is held open by descriptor, so that file calls on {@link #path}{@code .resolve(name)} act in exactly this
 * directory, wherever names and links lead meanwhile. A single name is all that may be resolved against it: use {@link
 * #descend} for more, and {@link java.nio.file.LinkOption#NOFOLLOW_LINKS} for the name itself.
 *
 * <p>Opening costs one system call (openat2(2), kernel 5.6); keep it while working in the directory. May be shared between
 * threads until it is closed.
 */
public final class DirectoryDescriptor implements Closeable {
    private static final int OPEN_HOW_SIZE = 24;
    private static final int RESOLVE_OFFSET = 16;
    private static final int FLAGS = LibC.O_PATH | LibC.O_CLOEXEC;
    private static final int STATFS_SIZE = 256;

    /** The file systems by which the kernel shows itself: procfs, sysfs, cgroup (1 and 2), devpts, mqueue (magic.h). */
    private static final Set<Long> KERNEL_FILE_SYSTEMS =
            Set.of(0x9fa0L, 0x62656572L, 0x27e0ebL, 0x63677270L, 0x1cd1L, 0x19800202L);

    private static final long RESOLVE_NO_XDEV = 0x01;
    private static final long RESOLVE_NO_MAGICLINKS = 0x02;
    private static final long RESOLVE_NO_SYMLINKS = 0x04;
    private static final long RESOLVE_BENEATH = 0x08;
    private static final long RESOLVE_IN_ROOT = 0x10;

    private final Descriptor descriptor;
    private final Path shown;
    private final Path path;

    private DirectoryDescriptor(Descriptor descriptor, Path shown) {
        this.descriptor = descriptor;
        this.shown = shown;
        this.path = Path.of("/proc/self/fd/" + descriptor.number());
    }

    /** Opens a trusted directory; links in its path are followed. */
    public static DirectoryDescriptor open(Path directory) throws LinuxException {
        return new DirectoryDescriptor(Descriptor.open(directory, LibC.O_PATH | LibC.O_DIRECTORY), directory);
    }

    /**
     * Opens a directory as a process whose root is this directory would: links are followed, absolute ones and {@code ..} too,
     * but never lead out.
     *
     * @param relative a path below this directory; a leading slash is ignored; empty for the directory itself
     * @throws LinuxException if a part is missing ({@link Errno#ENOENT}) or no directory ({@link Errno#ENOTDIR})
     */
    public DirectoryDescriptor descend(Path relative) throws LinuxException {
        return openAt(relative, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    }

    /**
     * Opens a directory below this one without following any link.
     *
     * @throws LinuxException as {@link #descend}; with {@link Errno#ELOOP} if a part is a link, {@link Errno#EXDEV} if the
     *     path is absolute or leads out
     */
    public DirectoryDescriptor descendWithoutLinks(Path relative) throws LinuxException {
        return openAt(relative, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
    }

    /** As {@link #descendWithoutLinks}, but refuses to cross into another mount too, with {@link Errno#EXDEV}. */
    DirectoryDescriptor descendWithinMount(Path relative) throws LinuxException {
        return openAt(relative, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
    }

    /**
     * Pins whatever has a path for a process whose root is this directory, as {@link #descend} resolves it; a link in the last
     * place is followed too.
     *
     * @throws LinuxException as {@link #descend}; with {@link Errno#ELOOP} if a link of {@code /proc} leads to another
     *     process's files
     */
    public PinnedFile pin(Path relative) throws LinuxException {
        return new PinnedFile(openDescriptor(relative, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS, 0));
    }

    /**
     * Pins what a name stands for in this directory, a link itself and not where it leads.
     *
     * @throws LinuxException with {@link Errno#EXDEV} if the name leads out
     */
    public PinnedFile pinWithoutLinks(Path relative) throws LinuxException {
        return new PinnedFile(openDescriptor(relative, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS, LibC.O_NOFOLLOW));
    }

    /** This directory itself, pinned a second time. */
    public PinnedFile pin() throws LinuxException {
        return pinWithoutLinks(Path.of("."));
    }

    /** Whether this is a directory of procfs, sysfs or the like, in which nobody keeps files. */
    public boolean isOfKernel() throws LinuxException {
        try (Memory status = new Memory(STATFS_SIZE)) {
            status.clear();
            if (LibC.fstatfs(descriptor.number(), status) == -1) {
                throw LibC.failure("tell the file system of " + shown);
            }
            return KERNEL_FILE_SYSTEMS.contains(status.getLong(0) & 0xffff_ffffL);
        }
    }

    /** {@code /proc/self/fd/N}: this directory for {@code java.nio} calls of this process, valid until {@link #close}. */
    public Path path() {
        return path;
    }

    /** How this directory was reached, for messages. */
    public Path shownPath() {
        return shown;
    }

    @Override
    public void close() throws IOException {
        descriptor.close();
    }

    private DirectoryDescriptor openAt(Path relative, long resolve) throws LinuxException {
        return new DirectoryDescriptor(openDescriptor(relative, resolve, LibC.O_DIRECTORY), shown(relative));
    }

    private Path shown(Path relative) {
        return relative.getNameCount() == 0 ? shown : shown.resolve(relative.subpath(0, relative.getNameCount()));
    }

    private Descriptor openDescriptor(Path relative, long resolve, int furtherFlags) throws LinuxException {
        byte[] name = PathBytes.terminated(relative.toString().isEmpty() ? Path.of(".") : relative);
        try (Memory how = new Memory(OPEN_HOW_SIZE);
                Memory nativeName = new Memory(name.length)) {
            how.clear();
            how.setLong(0, FLAGS | furtherFlags);
            how.setLong(RESOLVE_OFFSET, resolve);
            nativeName.write(0, name, 0, name.length);
            long fd;
            do {
                fd = LibC.syscall(
                        LibC.SYS_OPENAT2,
                        descriptor.number(),
                        Pointer.nativeValue(nativeName),
                        Pointer.nativeValue(how),
                        OPEN_HOW_SIZE);
                // EAGAIN: a rename elsewhere kept the kernel from telling whether the path stays inside.
            } while (fd == -1 && (LibC.errno() == Errno.EAGAIN || LibC.errno() == Errno.EINTR));
            if (fd == -1) {
                throw LibC.failure("open " + shown(relative));
            }
            return new Descriptor((int) fd);
        }
    }
}

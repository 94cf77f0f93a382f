package dev.ctr.criu.linux;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The C library's functions, bound directly. Names and arguments are C's; {@code long} stands for every 64-bit C type,
 * a {@code byte[]} for a NUL-terminated string (see {@link PathBytes}). Touching this class loads JNA, which costs some
 * 150 ms: what only reads {@code /proc} must not.
 *
 * <p>Needs glibc 2.34 (closefrom in posix_spawn) on x86-64 or aarch64. {@code open}, {@code ioctl}, {@code fcntl} and
 * {@code syscall} are variadic in C, but take their integer arguments in the same registers on both.
 */
@SuppressWarnings("MethodName")
final class LibC {
    static final boolean X86_64 = System.getProperty("os.arch").equals("amd64");

    static final int O_RDONLY = 0;
    static final int O_WRONLY = 1;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0x40;
    static final int O_APPEND = 0x400;
    static final int O_NONBLOCK = 0x800;
    static final int O_DIRECTORY = X86_64 ? 0x10000 : 0x4000;
    static final int O_NOFOLLOW = X86_64 ? 0x20000 : 0x8000;
    static final int O_CLOEXEC = 0x80000;
    static final int O_PATH = 0x200000;

    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;

    static final int CLONE_NEWNS = 0x00020000;
    static final int CLONE_NEWNET = 0x40000000;

    static final int PROT_READ = 1;
    static final int PROT_WRITE = 2;
    static final int MAP_PRIVATE = 2;
    static final int MAP_ANONYMOUS = 0x20;
    static final long MAP_FAILED = -1;

    static final int AF_UNIX = 1;
    static final int AF_NETLINK = 16;
    static final int SOCK_STREAM = 1;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_RAW = 3;
    static final int SOCK_SEQPACKET = 5;
    static final int SOCK_CLOEXEC = O_CLOEXEC;
    static final int SHUT_WR = 1;
    static final int SHUT_RDWR = 2;

    static final int EFD_CLOEXEC = O_CLOEXEC;
    static final int F_GETFD = 1;
    static final int F_DUPFD_CLOEXEC = 1030;
    static final int FD_CLOEXEC = 1;

    static final short POLLIN = 1;

    static final int WNOHANG = 1;

    static final int MNT_DETACH = 2;
    static final int UMOUNT_NOFOLLOW = 8;

    static final long SYS_MEMFD_CREATE = X86_64 ? 319 : 279;
    static final int MFD_CLOEXEC = 1;
    static final long SYS_USERFAULTFD = X86_64 ? 323 : 282;
    static final long SYS_PIDFD_SEND_SIGNAL = 424;
    static final long SYS_PIDFD_OPEN = 434;
    static final long SYS_OPENAT2 = 437;
    static final long SYS_PIDFD_GETFD = 438;

    static final int IPPROTO_TCP = 6;
    static final int TCP_REPAIR = 19;

    static {
        Native.register(LibC.class, NativeLibrary.getInstance("c"));
    }

    private LibC() {}

    static native @Nullable String strerrorname_np(int errno);

    static native @Nullable String strerrordesc_np(int errno);

    static native int open(byte[] path, int flags, int mode);

    static native int close(int fd);

    static native long read(int fd, Pointer buffer, long length);

    static native long write(int fd, Pointer buffer, long length);

    static native int fcntl(int fd, int command, long argument);

    static native int ioctl(int fd, long request, Pointer argument);

    static native int getpagesize();

    static native long mmap(long address, long length, int protection, int flags, int fd, long offset);

    static native int munmap(long address, long length);

    static native int poll(Pointer descriptors, long count, int timeoutMillis);

    static native int eventfd(int initial, int flags);

    static native int pipe2(int[] descriptors, int flags);

    static native int socket(int domain, int type, int protocol);

    static native int socketpair(int domain, int type, int protocol, int[] descriptors);

    static native int connect(int fd, byte[] address, int length);

    static native int shutdown(int fd, int how);

    static native int getsockopt(int fd, int level, int option, int[] value, int[] length);

    static native int setsockopt(int fd, int level, int option, int[] value, int length);

    static native int mount(byte[] source, byte[] target, byte @Nullable [] type, long flags, byte @Nullable [] data);

    static native int umount2(byte[] target, int flags);

    static native int unshare(int flags);

    static native int setns(int fd, int type);

    static native int kill(int pid, int signal);

    static native int waitpid(int pid, int[] status, int options);

    static native long syscall(long number, long a, long b, long c, long d);

    static native int sigemptyset(Pointer set);

    static native int sigfillset(Pointer set);

    static native long process_vm_readv(
            int pid, Pointer local, long localCount, Pointer remote, long remoteCount, long flags);

    static native int posix_spawn(
            int[] pid, byte[] path, Pointer fileActions, Pointer attributes, Pointer argv, Pointer envp);

    static native int posix_spawn_file_actions_init(Pointer actions);

    static native int posix_spawn_file_actions_destroy(Pointer actions);

    static native int posix_spawn_file_actions_adddup2(Pointer actions, int from, int to);

    static native int posix_spawn_file_actions_addclose(Pointer actions, int fd);

    static native int posix_spawn_file_actions_addclosefrom_np(Pointer actions, int from);

    static native int posix_spawn_file_actions_addchdir_np(Pointer actions, byte[] path);

    static native int posix_spawnattr_init(Pointer attributes);

    static native int posix_spawnattr_destroy(Pointer attributes);

    static native int posix_spawnattr_setflags(Pointer attributes, short flags);

    static native int posix_spawnattr_setpgroup(Pointer attributes, int group);

    static native int posix_spawnattr_setsigmask(Pointer attributes, Pointer set);

    static native int posix_spawnattr_setsigdefault(Pointer attributes, Pointer set);

    static native int isatty(int fd);

    static native int tcgetattr(int fd, Pointer termios);

    static native int tcsetattr(int fd, int actions, Pointer termios);

    static native void cfmakeraw(Pointer termios);

    static native long llistxattr(byte[] path, byte[] list, long size);

    static native long lgetxattr(byte[] path, byte[] name, byte[] value, long size);

    static native int lsetxattr(byte[] path, byte[] name, byte[] value, long size, int flags);

    static native int lremovexattr(byte[] path, byte[] name);

    static native int mknod(byte[] path, int mode, long device);

    static native int symlink(byte[] target, byte[] link);

    static native int mkfifo(byte[] path, int mode);

    static native int lchown(byte[] path, int uid, int gid);

    static native int fchmodat(int directory, byte[] path, int mode, int flags);

    static native int fstatfs(int fd, Pointer status);

    static native int syncfs(int fd);

    static native int utimensat(int directory, byte[] path, long[] times, int flags);

    /** The error number that the calling thread's last call left. */
    static int errno() {
        return Native.getLastError();
    }

    /** The exception for the calling thread's last call. */
    static LinuxException failure(String attempted) {
        return new LinuxException(attempted, errno());
    }

    /** Repeats a call until no signal interrupts it. */
    static int restarting(IntSupplier call) {
        int result = call.getAsInt();
        while (result == -1 && errno() == Errno.EINTR) {
            result = call.getAsInt();
        }
        return result;
    }

    /** Repeats a call until no signal interrupts it. */
    static long restartingLong(LongSupplier call) {
        long result = call.getAsLong();
        while (result == -1 && errno() == Errno.EINTR) {
            result = call.getAsLong();
        }
        return result;
    }
}

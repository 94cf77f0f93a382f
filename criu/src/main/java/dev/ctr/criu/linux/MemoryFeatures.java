package dev.ctr.criu.linux;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;

/**
 * What the kernel offers for finding and filling pages, each tried on a page of this process. (Kernel documentation:
 * admin-guide/mm/soft-dirty, userfaultfd, pagemap.)
 */
public final class MemoryFeatures {
    /** Faults on write-protected pages are reported. */
    public static final long UFFD_FEATURE_PAGEFAULT_FLAG_WP = 1;

    /** Write protection also works where no page is yet. */
    public static final long UFFD_FEATURE_WP_UNPOPULATED = 1 << 13;

    /** The kernel itself lifts the write protection on the first write, and remembers that there was one. */
    public static final long UFFD_FEATURE_WP_ASYNC = 1 << 15;

    private static final Path PAGEMAP = Path.of("/proc/self/pagemap");
    private static final Path CLEAR_REFS = Path.of("/proc/self/clear_refs");
    private static final String CLEAR_SOFT_DIRTY = "4";
    private static final int SOFT_DIRTY_BIT = 55;

    private static final long UFFDIO_API = 0xc018aa3fL;
    private static final long UFFDIO_REGISTER = 0xc020aa00L;
    private static final int UFFDIO_API_SIZE = 24;
    private static final int UFFDIO_REGISTER_SIZE = 32;
    private static final long UFFD_API_VERSION = 0xaa;
    private static final long REGISTER_MODE_WP = 2;

    private static final long PAGEMAP_SCAN = 0xc0606610L;
    private static final int SCAN_ARGUMENT_SIZE = 96;
    private static final int SCAN_RANGE_SIZE = 24;
    private static final long SCAN_WP_MATCHING = 1;
    private static final long SCAN_CHECK_WPASYNC = 2;
    private static final long PAGE_IS_WRITTEN = 2;
    private static final long PAGE_IS_PRESENT = 8;

    private MemoryFeatures() {}

    /**
     * Whether the kernel marks written pages as soft-dirty. If it seems to, the marks of this process's own memory are cleared
     * once.
     */
    public static boolean softDirty() throws IOException {
        try (ProbePage page = new ProbePage()) {
            // A new page is born dirty, so that a kernel without the feature is told without clearing anything.
            if (!isSoftDirty(page)) {
                return false;
            }
            Files.writeString(CLEAR_REFS, CLEAR_SOFT_DIRTY);
            if (isSoftDirty(page)) {
                return false;
            }
            page.write();
            return isSoftDirty(page);
        }
    }

    /**
     * The features of userfaultfd on this kernel, as its API call returns them; empty if there is no userfaultfd, or this
     * process may not use it for faults inside the kernel.
     */
    public static OptionalLong userfaultfd() throws IOException {
        long fd = LibC.syscall(LibC.SYS_USERFAULTFD, LibC.O_CLOEXEC | LibC.O_NONBLOCK, 0, 0, 0);
        if (fd == -1) {
            return OptionalLong.empty();
        }
        try (Descriptor userfaultfd = new Descriptor((int) fd)) {
            return enable(userfaultfd, 0);
        }
    }

    /** Whether memory can be read while its process runs (process_vm_readv(2)); tried on this process. */
    public static boolean memoryReading() throws IOException {
        try (ProbePage page = new ProbePage();
                ProcessMemory memory = new ProcessMemory(ProcessHandle.current().pid())) {
            return memory.read(page.address(), ByteBuffer.allocateDirect(1)) == 1;
        }
    }

    /** Whether the PAGEMAP_SCAN call is there (kernel 6.7). */
    public static boolean pagemapScan() throws IOException {
        try (ProbePage page = new ProbePage();
                Descriptor pagemap = Descriptor.open(PAGEMAP, LibC.O_RDONLY)) {
            return scan(pagemap, page, 0, PAGE_IS_PRESENT) == 1;
        }
    }

    /**
     * Whether writes can be tracked by userfaultfd's asynchronous write protection and PAGEMAP_SCAN: a written page is
     * found once, is not found again, and is found when it is written again.
     */
    public static boolean writeTracking() throws IOException {
        long fd = LibC.syscall(LibC.SYS_USERFAULTFD, LibC.O_CLOEXEC | LibC.O_NONBLOCK, 0, 0, 0);
        if (fd == -1) {
            return false;
        }
        try (Descriptor userfaultfd = new Descriptor((int) fd);
                ProbePage page = new ProbePage();
                Descriptor pagemap = Descriptor.open(PAGEMAP, LibC.O_RDONLY)) {
            long wanted = UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED | UFFD_FEATURE_PAGEFAULT_FLAG_WP;
            if (enable(userfaultfd, wanted).isEmpty() || !registerForWrites(userfaultfd, page)) {
                return false;
            }
            boolean found = findWritten(pagemap, page);
            boolean foundAgain = findWritten(pagemap, page);
            page.write();
            return found && !foundAgain && findWritten(pagemap, page);
        }
    }

    private static boolean isSoftDirty(ProbePage page) throws IOException {
        ByteBuffer entry = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        try (FileChannel pagemap = FileChannel.open(PAGEMAP, StandardOpenOption.READ)) {
            if (pagemap.read(entry, page.address() / page.size() * Long.BYTES) != Long.BYTES) {
                throw new IOException("Cannot read an entry of " + PAGEMAP);
            }
        }
        return ((entry.getLong(0) >>> SOFT_DIRTY_BIT) & 1) == 1;
    }

    /** Agrees on features with the kernel, which answers with all that it has; empty if it lacks one that is wanted. */
    private static OptionalLong enable(Descriptor userfaultfd, long features) {
        try (Memory api = new Memory(UFFDIO_API_SIZE)) {
            api.setLong(0, UFFD_API_VERSION);
            api.setLong(Long.BYTES, features);
            api.setLong(2 * Long.BYTES, 0);
            return LibC.ioctl(userfaultfd.number(), UFFDIO_API, api) == -1
                    ? OptionalLong.empty()
                    : OptionalLong.of(api.getLong(Long.BYTES));
        }
    }

    private static boolean registerForWrites(Descriptor userfaultfd, ProbePage page) {
        try (Memory register = new Memory(UFFDIO_REGISTER_SIZE)) {
            register.setLong(0, page.address());
            register.setLong(Long.BYTES, page.size());
            register.setLong(2 * Long.BYTES, REGISTER_MODE_WP);
            register.setLong(3 * Long.BYTES, 0);
            return LibC.ioctl(userfaultfd.number(), UFFDIO_REGISTER, register) == 0;
        }
    }

    private static boolean findWritten(Descriptor pagemap, ProbePage page) {
        return scan(pagemap, page, SCAN_WP_MATCHING | SCAN_CHECK_WPASYNC, PAGE_IS_WRITTEN) == 1;
    }

    /** The number of ranges found, or -1 if the kernel refuses. */
    private static int scan(Descriptor pagemap, ProbePage page, long flags, long category) {
        try (Memory argument = new Memory(SCAN_ARGUMENT_SIZE);
                Memory ranges = new Memory(SCAN_RANGE_SIZE)) {
            long[] fields = {
                SCAN_ARGUMENT_SIZE,
                flags,
                page.address(),
                page.address() + page.size(),
                0,
                Pointer.nativeValue(ranges),
                1,
                0,
                0,
                category,
                0,
                category
            };
            argument.write(0, fields, 0, fields.length);
            return LibC.ioctl(pagemap.number(), PAGEMAP_SCAN, argument);
        }
    }
}

package dev.ctr.criu.linux;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Tells which pages of a process are its own: anonymous, in memory or swapped out, and not the shared page of zeros. Asks with
 * PAGEMAP_SCAN, and where the kernel is older than 6.7 reads the entries of {@code /proc/PID/pagemap}, which do not tell the
 * page of zeros from others (kernel, Documentation/admin-guide/mm/pagemap.rst). Not for concurrent use.
 */
public final class Pagemap implements Closeable {
    private static final long PAGE_SIZE = 4096;

    private static final long PAGEMAP_SCAN = 0xc0606610L;
    private static final int ARGUMENT_SIZE = 96;
    private static final int WALK_END = 4 * Long.BYTES;
    private static final int REGION_SIZE = 24;
    private static final int REGIONS = 1024;
    private static final long PAGE_IS_FILE = 1 << 2;
    private static final long PAGE_IS_PRESENT = 1 << 3;
    private static final long PAGE_IS_SWAPPED = 1 << 4;
    private static final long PAGE_IS_PFNZERO = 1 << 5;
    private static final long PAGE_IS_SOFT_DIRTY = 1 << 7;

    private static final long ENTRY_PRESENT = 1L << 63;
    private static final long ENTRY_SWAPPED = 1L << 62;
    private static final long ENTRY_FILE = 1L << 61;
    private static final long ENTRY_SOFT_DIRTY = 1L << 55;
    private static final int ENTRIES = 8192;

    private final Path path;
    private final Descriptor descriptor;
    private boolean canScan;

    private Pagemap(Path path, Descriptor descriptor, boolean canScan) {
        this.path = path;
        this.descriptor = descriptor;
        this.canScan = canScan;
    }

    /** Takes pages as they are found. */
    @FunctionalInterface
    public interface PageVisitor {
        /**
         * Takes pages that follow one another.
         *
         * @param address of the first
         * @param pages how many
         * @param softDirty whether the kernel has marked them as written since the marks were cleared; false where it cannot
         */
        void visit(long address, long pages, boolean softDirty) throws IOException;
    }

    /** Opens the map of a process. */
    public static Pagemap open(long pid) throws LinuxException {
        return open(pid, true);
    }

    /** As {@link #open(long)}, without PAGEMAP_SCAN, as on a kernel that is older. */
    static Pagemap openEntries(long pid) throws LinuxException {
        return open(pid, false);
    }

    private static Pagemap open(long pid, boolean canScan) throws LinuxException {
        Path path = Path.of("/proc/" + pid + "/pagemap");
        return new Pagemap(path, Descriptor.open(path, LibC.O_RDONLY), canScan);
    }

    /** Visits the process's own pages between two addresses, in ascending order. */
    public void visit(long start, long end, PageVisitor visitor) throws IOException {
        if (!canScan || !scan(start, end, visitor)) {
            canScan = false;
            readEntries(start, end, visitor);
        }
    }

    /** Returns false if the kernel does not know the call. */
    private boolean scan(long start, long end, PageVisitor visitor) throws IOException {
        try (Memory argument = new Memory(ARGUMENT_SIZE);
                Memory regions = new Memory(REGIONS * REGION_SIZE)) {
            long at = start;
            while (at < end) {
                int count = scan(argument, regions, at, end);
                if (count == -1 && LibC.errno() == Errno.ENOTTY && at == start) {
                    return false;
                }
                if (count == -1) {
                    throw LibC.failure("ask " + path + " for pages");
                }
                for (int i = 0; i < count; i++) {
                    long[] region = regions.getLongArray((long) i * REGION_SIZE, 3);
                    visitor.visit(
                            region[0], (region[1] - region[0]) / PAGE_SIZE, (region[2] & PAGE_IS_SOFT_DIRTY) != 0);
                }
                at = Math.max(argument.getLong(WALK_END), at + PAGE_SIZE);
            }
            return true;
        }
    }

    private int scan(Memory argument, Memory regions, long start, long end) {
        long notOwn = PAGE_IS_FILE | PAGE_IS_PFNZERO;
        long[] fields = {
            ARGUMENT_SIZE,
            0,
            start,
            end,
            0,
            Pointer.nativeValue(regions),
            REGIONS,
            0,
            notOwn,
            notOwn,
            PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
            PAGE_IS_SOFT_DIRTY
        };
        argument.write(0, fields, 0, fields.length);
        return LibC.ioctl(descriptor.number(), PAGEMAP_SCAN, argument);
    }

    private void readEntries(long start, long end, PageVisitor visitor) throws IOException {
        ByteBuffer entries = ByteBuffer.allocateDirect(ENTRIES * Long.BYTES).order(ByteOrder.nativeOrder());
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            Run run = new Run(visitor);
            for (long at = start; at < end; ) {
                entries.clear().limit((int) Math.min(ENTRIES, (end - at) / PAGE_SIZE) * Long.BYTES);
                int read = file.read(entries, at / PAGE_SIZE * Long.BYTES);
                if (read < Long.BYTES) {
                    break;
                }
                for (int i = 0; i < read / Long.BYTES; i++, at += PAGE_SIZE) {
                    run.add(at, entries.getLong(i * Long.BYTES));
                }
            }
            run.end();
        }
    }

    /** Joins entries that follow one another and are alike. */
    private static final class Run {
        private final PageVisitor visitor;
        private long start;
        private long pages;
        private boolean softDirty;

        Run(PageVisitor visitor) {
            this.visitor = visitor;
        }

        void add(long address, long entry) throws IOException {
            boolean own = (entry & (ENTRY_PRESENT | ENTRY_SWAPPED)) != 0 && (entry & ENTRY_FILE) == 0;
            boolean dirty = (entry & ENTRY_SOFT_DIRTY) != 0;
            if (!own || dirty != softDirty) {
                end();
            }
            if (own) {
                start = pages == 0 ? address : start;
                softDirty = dirty;
                pages++;
            }
        }

        void end() throws IOException {
            if (pages > 0) {
                visitor.visit(start, pages, softDirty);
            }
            pages = 0;
        }
    }

    @Override
    public void close() throws IOException {
        descriptor.close();
    }
}

package dev.ctr.criu.memory;

import dev.ctr.criu.image.PageRun;
import dev.ctr.criu.linux.Errno;
import dev.ctr.criu.linux.LinuxException;
import dev.ctr.criu.linux.Pagemap;
import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.criu.linux.ProcessMemory;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The private memory of one process: the pages that are its own, and their content. The process may run meanwhile; what it
 * writes while it is read may be seen old, new, or half of each, and what it unmaps is left out. Not for concurrent use.
 */
public final class MemorySource implements Closeable {
    /** Bytes that are read at once: less costs more calls, more does not stay in the processor's cache. */
    static final int CHUNK = 1 << 20;

    private static final String CLEAR_SOFT_DIRTY = "4";

    private final ProcessIdentity process;
    private final Pagemap pagemap;
    private final ProcessMemory memory;
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);

    private MemorySource(ProcessIdentity process, Pagemap pagemap) {
        this.process = process;
        this.pagemap = pagemap;
        this.memory = new ProcessMemory(process.pid());
    }

    /** Takes the content of pages that follow one another. */
    @FunctionalInterface
    public interface ContentVisitor {
        /**
         * Takes some pages, at most 1 MiB.
         *
         * @param address of the first
         * @param content theirs, between the buffer's position and limit; valid during the call
         */
        void visit(long address, ByteBuffer content) throws IOException;
    }

    /**
     * Opens the memory of a process.
     *
     * @throws LinuxException if it has ended, or may not be read by this process
     */
    public static MemorySource open(ProcessIdentity process) throws IOException {
        return new MemorySource(process, Pagemap.open(process.pid()));
    }

    /** Visits all pages that are the process's own, in ascending order of their addresses. */
    public void visitPages(Pagemap.PageVisitor visitor) throws IOException {
        long end = 0;
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/maps"))) {
            Mapping mapping = Mapping.parse(line);
            // A mapping that was merged with its neighbour while the list was read may be in it twice.
            long start = Math.max(mapping.start(), end);
            if (mapping.isReadableAndPrivate() && start < mapping.end()) {
                pagemap.visit(start, mapping.end(), visitor);
                end = mapping.end();
            }
        }
    }

    /** Reads pages, in ascending order; those that are gone or cannot be read are left out. */
    public void read(long address, long pages, ContentVisitor visitor) throws IOException {
        long end = address + pages * PageRun.PAGE_SIZE;
        long gap = PageRun.PAGE_SIZE;
        for (long at = address; at < end; ) {
            chunk.clear().limit((int) Math.min(CHUNK, end - at));
            int read = memory.read(at, chunk) & -PageRun.PAGE_SIZE;
            if (read == 0) {
                // Where one page is gone, the mapping may be: go faster and faster over what is left of it.
                at += gap;
                gap *= 2;
            } else {
                visitor.visit(at, chunk.position(0).limit(read));
                at += read;
                gap = PageRun.PAGE_SIZE;
            }
        }
    }

    /** Clears the kernel's marks of written pages, where it has them (kernel, admin-guide/mm/soft-dirty.rst). */
    public void clearSoftDirty() throws IOException {
        Files.writeString(Path.of("/proc/" + process.pid() + "/clear_refs"), CLEAR_SOFT_DIRTY);
    }

    /** Whether an error means that the process has ended, and not that reading failed. */
    static boolean hasEnded(ProcessIdentity process, IOException error) {
        return (error instanceof LinuxException refused && refused.errno() == Errno.ESRCH) || !process.isAlive();
    }

    @Override
    public void close() throws IOException {
        memory.close();
        pagemap.close();
    }
}

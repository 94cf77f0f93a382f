package dev.ctr.criu.image;

import dev.ctr.proto.criu.MmEntry;
import dev.ctr.proto.criu.VmaEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads mm-PID.img.
 *
 * @param images the dump
 * @param files what mapped files are called
 */
record AddressSpaceReader(DumpImages images, FileTable files) {
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int PROT_EXEC = 4;
    private static final int MAP_SHARED = 1;

    /** CRIU's bits for kinds of mappings (criu/include/image.h). */
    private static final int STACK = 1 << 1;

    private static final int VSYSCALL = 1 << 2;
    private static final int VDSO = 1 << 3;
    private static final int HEAP = 1 << 5;
    private static final int FILE_PRIVATE = 1 << 6;
    private static final int FILE_SHARED = 1 << 7;
    private static final int ANONYMOUS_SHARED = 1 << 8;
    private static final int SYSTEM_V = 1 << 10;
    private static final int SOCKET = 1 << 11;
    private static final int VVAR = 1 << 12;
    private static final int AIO_RING = 1 << 13;
    private static final int MEMORY_FILE = 1 << 14;

    /** None for a process that has ended. */
    Optional<AddressSpace> read(int pid) throws IOException {
        Optional<MmEntry> found = images.only("mm-" + pid + ".img", ImageType.MM, MmEntry.parser());
        if (found.isEmpty()) {
            return Optional.empty();
        }
        MmEntry mm = found.get();
        List<Mapping> mappings = new ArrayList<>();
        long end = 0;
        for (VmaEntry vma : mm.getVmasList()) {
            if (Long.compareUnsigned(vma.getStart(), end) < 0
                    || Long.compareUnsigned(vma.getEnd(), vma.getStart()) <= 0) {
                throw new CriuImageException(
                        "mm-%d.img is damaged: its mapping at 0x%x has no place".formatted(pid, vma.getStart()));
            }
            end = vma.getEnd();
            mappings.add(mapping(vma, mm.getStartStack()));
        }
        return Optional.of(new AddressSpace(
                files.path(mm.getExeFileId()),
                mm.getArgStart(),
                mm.getArgEnd(),
                mm.getEnvStart(),
                mm.getEnvEnd(),
                mappings));
    }

    private Mapping mapping(VmaEntry vma, long stack) throws IOException {
        int status = vma.getStatus();
        boolean segment = (status & (ANONYMOUS_SHARED | SYSTEM_V | MEMORY_FILE)) != 0;
        boolean sharedSegment = segment && (vma.getFlags() & MAP_SHARED) != 0;
        return new Mapping(
                vma.getStart(),
                vma.getEnd(),
                permissions(vma),
                name(vma, stack),
                vma.getPgoff(),
                sharedSegment ? vma.getShmid() : 0);
    }

    private static String permissions(VmaEntry vma) {
        int protection = vma.getProt();
        return ((protection & PROT_READ) != 0 ? "r" : "-")
                + ((protection & PROT_WRITE) != 0 ? "w" : "-")
                + ((protection & PROT_EXEC) != 0 ? "x" : "-")
                + ((vma.getFlags() & MAP_SHARED) != 0 ? "s" : "p");
    }

    /** The main thread's stack is where it began; only stacks that grow have a bit of their own. */
    private String name(VmaEntry vma, long stack) throws IOException {
        int status = vma.getStatus();
        if ((status & (FILE_PRIVATE | FILE_SHARED)) != 0) {
            return files.path((int) vma.getShmid());
        }
        if ((status & HEAP) != 0) {
            return "[heap]";
        }
        boolean hasStack =
                Long.compareUnsigned(vma.getStart(), stack) <= 0 && Long.compareUnsigned(stack, vma.getEnd()) < 0;
        if ((status & STACK) != 0 || hasStack) {
            return "[stack]";
        }
        if ((status & VDSO) != 0) {
            return "[vdso]";
        }
        if ((status & VVAR) != 0) {
            return "[vvar]";
        }
        if ((status & VSYSCALL) != 0) {
            return "[vsyscall]";
        }
        if ((status & SYSTEM_V) != 0) {
            return "[system v]";
        }
        if ((status & (SOCKET | AIO_RING)) != 0) {
            return (status & SOCKET) != 0 ? "[socket]" : "[aio]";
        }
        return (status & (ANONYMOUS_SHARED | MEMORY_FILE)) != 0 ? "[shared]" : "";
    }
}

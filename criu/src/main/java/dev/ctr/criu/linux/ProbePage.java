package dev.ctr.criu.linux;

import com.sun.jna.Pointer;

/** One page of this process's own memory, to try on it what is later done to others'. */
final class ProbePage implements AutoCloseable {
    private final long size = LibC.getpagesize();
    private final long address;

    /** Maps a page and writes to it, so that it is there. */
    ProbePage() throws LinuxException {
        address = LibC.mmap(0, size, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS, -1, 0);
        if (address == LibC.MAP_FAILED) {
            throw LibC.failure("map a page");
        }
        write();
    }

    long address() {
        return address;
    }

    long size() {
        return size;
    }

    void write() {
        new Pointer(address).setByte(0, (byte) 1);
    }

    @Override
    public void close() {
        LibC.munmap(address, size);
    }
}

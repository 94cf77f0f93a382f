package dev.ctr.criu.linux;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.Closeable;
import java.nio.ByteBuffer;

/**
 * Reads another process's memory without stopping it (process_vm_readv(2)). A page that is written meanwhile may be read half
 * old and half new. Not for concurrent use.
 */
public final class ProcessMemory implements Closeable {
    private static final int IOVEC_SIZE = 16;

    private final int pid;

    /** Two iovecs: where to, and where from. */
    private final Memory vectors = new Memory(2 * IOVEC_SIZE);

    public ProcessMemory(long pid) {
        this.pid = (int) pid;
    }

    /**
     * Fills a direct buffer from an address on, as far as the memory can be read without a gap, and moves the buffer's position
     * behind that.
     *
     * @return the number of bytes read; 0 if there is nothing to read at the address
     * @throws LinuxException if the process is gone ({@link Errno#ESRCH}) or may not be read
     */
    public int read(long address, ByteBuffer into) throws LinuxException {
        Pointer buffer = Native.getDirectBufferPointer(into);
        vectors.setLong(0, Pointer.nativeValue(buffer) + into.position());
        vectors.setLong(Long.BYTES, into.remaining());
        vectors.setLong(IOVEC_SIZE, address);
        vectors.setLong(IOVEC_SIZE + Long.BYTES, into.remaining());
        long count = LibC.process_vm_readv(pid, vectors, 1, vectors.share(IOVEC_SIZE), 1, 0);
        if (count == -1) {
            if (LibC.errno() == Errno.EFAULT) {
                return 0;
            }
            throw LibC.failure("read the memory of process " + pid);
        }
        into.position(into.position() + (int) count);
        return (int) count;
    }

    @Override
    public void close() {
        vectors.close();
    }
}

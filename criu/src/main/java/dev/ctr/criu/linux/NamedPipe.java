package dev.ctr.criu.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A pipe with a name in the file system (fifo(7)). */
public final class NamedPipe {
    private NamedPipe() {}

    /**
     * Writes to a named pipe that somebody has open for reading; without a reader the JDK's own calls would wait for one.
     *
     * @param message at most 4096 bytes, which arrive whole
     * @return false when nobody reads, or there is no such pipe; then nothing was written
     * @throws LinuxException if the pipe is full or may not be opened
     */
    public static boolean writeIfRead(Path pipe, byte[] message) throws IOException {
        try (Descriptor writer = Descriptor.open(pipe, LibC.O_WRONLY | LibC.O_NONBLOCK)) {
            writer.write(ByteBuffer.wrap(message));
            return true;
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENXIO || e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }
}

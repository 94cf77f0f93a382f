package dev.ctr.criu.linux;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file of any kind that is held by descriptor (O_PATH), so that what was looked at is what is then read, wherever names and
 * links lead meanwhile. Holding it neither reads nor wakes anything: a FIFO does not block, a device is not opened.
 *
 * <p>May be shared between threads until it is closed.
 */
public final class PinnedFile implements Closeable {
    private final Descriptor descriptor;
    private final Path path;

    PinnedFile(Descriptor descriptor) {
        this.descriptor = descriptor;
        this.path = Path.of("/proc/self/fd/" + descriptor.number());
    }

    /**
     * {@code /proc/self/fd/N}: this very file for {@code java.nio} calls of this process that follow links. Of a symbolic link only
     * the attributes can be told. Valid until {@link #close}.
     */
    public Path path() {
        return path;
    }

    /**
     * Where the kernel says that the file is, absolute: as seen from the root of the mount namespace it belongs to, not from this
     * process's. For messages and names only; another file may be there.
     */
    public Path kernelPath() throws IOException {
        return Files.readSymbolicLink(path);
    }

    @Override
    public void close() throws IOException {
        descriptor.close();
    }
}

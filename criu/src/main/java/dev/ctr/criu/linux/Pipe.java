package dev.ctr.criu.linux;

import java.io.Closeable;
import java.io.IOException;

/**
 * A pipe. The reader sees the end when every copy of the writing end is closed, in this process and in its children.
 *
 * @param reader the end to read from
 * @param writer the end to write to
 */
public record Pipe(Descriptor reader, Descriptor writer) implements Closeable {
    /** Makes a pipe of the kernel's default size, 64 KiB. */
    public static Pipe open() throws LinuxException {
        int[] ends = new int[2];
        if (LibC.pipe2(ends, LibC.O_CLOEXEC) == -1) {
            throw LibC.failure("make a pipe");
        }
        return new Pipe(new Descriptor(ends[0]), new Descriptor(ends[1]));
    }

    @Override
    public void close() throws IOException {
        try (reader;
                writer) {
            // Closing is all.
        }
    }
}

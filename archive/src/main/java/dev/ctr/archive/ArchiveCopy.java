package dev.ctr.archive;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A second place that an archive goes to while it is written, without another pass over it or another compression. A failure to
 * write there fails the archive. Neither stream is closed by whoever writes the archive.
 *
 * @param compressed gets the archive's bytes as they are
 * @param tar gets the tar that they hold
 */
public record ArchiveCopy(OutputStream compressed, OutputStream tar) {
    /** No second place. */
    public static final ArchiveCopy NONE =
            new ArchiveCopy(OutputStream.nullOutputStream(), OutputStream.nullOutputStream());

    /** A stream that goes to {@code out} and to {@link #compressed}. Closing it closes {@code out}. */
    OutputStream withCompressed(OutputStream out) {
        return new Both(out, compressed);
    }

    /** A stream that goes to {@code out} and to {@link #tar}. Closing it closes {@code out}. */
    OutputStream withTar(OutputStream out) {
        return new Both(out, tar);
    }

    private static final class Both extends FilterOutputStream {
        private final OutputStream second;

        Both(OutputStream first, OutputStream second) {
            super(first);
            this.second = second;
        }

        @Override
        public void write(int value) throws IOException {
            out.write(value);
            second.write(value);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            second.write(bytes, offset, length);
        }

        @Override
        public void flush() throws IOException {
            out.flush();
            second.flush();
        }

        @Override
        public void close() throws IOException {
            try {
                second.flush();
            } finally {
                out.close();
            }
        }
    }
}

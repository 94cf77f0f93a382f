package dev.ctr.archive;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/** Copies the content of files in exactly the length that was announced. Not for concurrent use. */
final class ContentCopy {
    private static final int BUFFER = 1 << 18;

    private final byte[] buffer = new byte[BUFFER];

    /**
     * Copies so many bytes.
     *
     * @param shown what is read, as warnings and errors name it
     * @return a warning if there was not that much to copy: the rest is zeros
     */
    Optional<String> copy(InputStream in, String shown, long size, OutputStream out) throws IOException {
        for (long left = size; left > 0; ) {
            int read;
            try {
                read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            } catch (IOException e) {
                throw new IOException("cannot read %s: %s".formatted(shown, e.getMessage()), e);
            }
            if (read < 0) {
                writeZeros(left, out);
                return Optional.of("%s became shorter by %d bytes while it was archived: the rest is zeros"
                        .formatted(shown, left));
            }
            out.write(buffer, 0, read);
            left -= read;
        }
        return Optional.empty();
    }

    static void writeZeros(long count, OutputStream out) throws IOException {
        byte[] zeros = new byte[(int) Math.min(BUFFER, count)];
        for (long left = count; left > 0; left -= zeros.length) {
            out.write(zeros, 0, (int) Math.min(zeros.length, left));
        }
    }
}

package dev.ctr.lifecycle.image;

import dev.ctr.lifecycle.EngineException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Counts and hashes what is read through it, and ends the reading at a limit. */
final class MeteredInputStream extends FilterInputStream {
    private final Meter meter;

    /**
     * @param what names the content in the error
     * @param limit the most bytes to let through
     */
    MeteredInputStream(InputStream in, String what, long limit) {
        super(in);
        this.meter = new Meter(what, limit);
    }

    long count() {
        return meter.count();
    }

    /** Reads on to the end, then tells the digest of everything. To be called once. */
    Digest finish() throws IOException {
        byte[] buffer = new byte[1 << 16];
        while (read(buffer, 0, buffer.length) >= 0) {
            // Only the count and the hash matter.
        }
        return meter.digest();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int read = super.read(buffer, offset, length);
        if (read > 0) {
            if (!meter.hasRoomFor(read)) {
                throw new EngineException(EngineException.Code.BAD_ARCHIVE, meter.tooLarge());
            }
            meter.pass(buffer, offset, read);
        }
        return read;
    }

    @Override
    public long skip(long n) throws IOException {
        byte[] buffer = new byte[(int) Math.min(Math.max(n, 0), 1 << 16)];
        int read = buffer.length == 0 ? 0 : read(buffer, 0, buffer.length);
        return Math.max(read, 0);
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}

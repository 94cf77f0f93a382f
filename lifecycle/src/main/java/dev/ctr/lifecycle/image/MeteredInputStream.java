package dev.ctr.lifecycle.image;

import dev.ctr.lifecycle.EngineException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Counts and hashes what is read through it, and ends the reading at a limit. */
final class MeteredInputStream extends FilterInputStream {
    private final MessageDigest sha256 = Digest.newSha256();
    private final String what;
    private final long limit;
    private long count;

    /**
     * @param what names the content in the error
     * @param limit the most bytes to let through
     */
    MeteredInputStream(InputStream in, String what, long limit) {
        super(in);
        this.what = what;
        this.limit = limit;
    }

    long count() {
        return count;
    }

    /** Reads on to the end, then tells the digest of everything. To be called once. */
    Digest finish() throws IOException {
        byte[] buffer = new byte[1 << 16];
        while (read(buffer, 0, buffer.length) >= 0) {
            // Only the count and the hash matter.
        }
        return Digest.of(sha256);
    }

    @Override
    public int read() throws IOException {
        int value = super.read();
        if (value >= 0) {
            sha256.update((byte) value);
            advance(1);
        }
        return value;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int read = super.read(buffer, offset, length);
        if (read > 0) {
            sha256.update(buffer, offset, read);
            advance(read);
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

    private void advance(int read) {
        count += read;
        if (count > limit) {
            throw new EngineException(
                    EngineException.Code.BAD_ARCHIVE,
                    what + " is larger than the " + limit + " bytes that this host has room for");
        }
    }
}

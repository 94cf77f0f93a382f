package dev.ctr.lifecycle.image;

import dev.ctr.lifecycle.EngineException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;

/** Counts and hashes what is written through it, and ends the writing at a limit. */
final class MeteredOutputStream extends FilterOutputStream {
    private final MessageDigest sha256 = Digest.newSha256();
    private final String what;
    private final long limit;
    private long count;

    /**
     * @param what names the content in the error
     * @param limit the most bytes to let through
     */
    MeteredOutputStream(OutputStream out, String what, long limit) {
        super(out);
        this.what = what;
        this.limit = limit;
    }

    long count() {
        return count;
    }

    /** The digest of everything. To be called once. */
    Digest digest() {
        return Digest.of(sha256);
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (length > limit - count) {
            throw new EngineException(
                    EngineException.Code.IO,
                    what + " is larger than the " + limit + " bytes that this host has room for: remove images that"
                            + " are not needed any more");
        }
        out.write(bytes, offset, length);
        sha256.update(bytes, offset, length);
        count += length;
    }
}

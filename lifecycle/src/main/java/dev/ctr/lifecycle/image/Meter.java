package dev.ctr.lifecycle.image;

import java.security.MessageDigest;

/** Counts and hashes the bytes of something as they pass, up to a limit. Used by one thread. */
final class Meter {
    private final MessageDigest sha256 = Digest.newSha256();
    private final String what;
    private final long limit;
    private long count;

    /**
     * @param what names the content in errors
     * @param limit the most bytes that may pass
     */
    Meter(String what, long limit) {
        this.what = what;
        this.limit = limit;
    }

    /** Whether this many more bytes may pass. */
    boolean hasRoomFor(long length) {
        return length <= limit - count;
    }

    /** How an error begins when there is no room. */
    String tooLarge() {
        return what + " is larger than the " + limit + " bytes that this host has room for";
    }

    void pass(byte[] bytes, int offset, int length) {
        sha256.update(bytes, offset, length);
        count += length;
    }

    long count() {
        return count;
    }

    /** The digest of everything. To be called once. */
    Digest digest() {
        return Digest.of(sha256);
    }
}

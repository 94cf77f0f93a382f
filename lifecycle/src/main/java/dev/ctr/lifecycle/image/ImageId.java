package dev.ctr.lifecycle.image;

/**
 * Names an image by its content: the digest of its config, as podman and docker do. The same image has the same ID on
 * every host, however it came there.
 *
 * @param digest the SHA-256 of the config blob
 */
public record ImageId(Digest digest) {
    private static final int SHORT_DIGITS = 12;

    /** The 64 hexadecimal digits, without {@code sha256:}. */
    public String hex() {
        return digest.hex();
    }

    /** The first 12 digits, as tables show them. */
    public String abbreviated() {
        return hex().substring(0, SHORT_DIGITS);
    }

    /** The 64 hexadecimal digits. */
    @Override
    public String toString() {
        return hex();
    }
}

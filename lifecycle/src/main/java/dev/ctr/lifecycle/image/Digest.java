package dev.ctr.lifecycle.image;

import dev.ctr.lifecycle.EngineException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The SHA-256 digest of a blob, written {@code sha256:} and 64 lower-case hexadecimal digits (OCI image specification,
 * "Digests"). Other algorithms are not accepted: no image in use has them.
 *
 * @param hex the 64 digits
 */
public record Digest(String hex) {
    private static final String PREFIX = "sha256:";
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    public Digest {
        if (!isHex(hex)) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "\"" + hex + "\" is not a SHA-256 digest: it must have 64 lower-case hexadecimal digits");
        }
    }

    /**
     * Reads {@code sha256:HEX}.
     *
     * @throws EngineException with {@code INVALID_ARGUMENT} when it is anything else
     */
    public static Digest parse(String text) {
        if (!text.startsWith(PREFIX)) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "\"" + text + "\" is not a SHA-256 digest: it must start with " + PREFIX);
        }
        return new Digest(text.substring(PREFIX.length()));
    }

    static boolean isHex(String text) {
        return HEX.matcher(text).matches();
    }

    static Digest of(byte[] content) {
        return new Digest(HexFormat.of().formatHex(newSha256().digest(content)));
    }

    /** Ends the computation of {@code sha256}. */
    static Digest of(MessageDigest sha256) {
        return new Digest(HexFormat.of().formatHex(sha256.digest()));
    }

    static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** {@code sha256:} and the digits. */
    @Override
    public String toString() {
        return PREFIX + hex;
    }
}

package dev.ctr.lifecycle;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** A container's identity: 64 lower-case hexadecimal digits, as libpod's. */
public record ContainerId(String hex) {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");
    private static final SecureRandom RANDOM = new SecureRandom();

    public ContainerId {
        if (!FORM.matcher(hex).matches()) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "\"" + hex + "\" is not a container ID: it must be 64 hexadecimal digits");
        }
    }

    /** A new identity that no other container has. */
    public static ContainerId random() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return new ContainerId(HexFormat.of().formatHex(bytes));
    }

    /** The first twelve digits, as tables show them. */
    public String abbreviated() {
        return hex.substring(0, 12);
    }

    @Override
    public String toString() {
        return hex;
    }
}

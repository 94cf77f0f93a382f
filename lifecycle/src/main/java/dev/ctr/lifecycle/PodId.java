package dev.ctr.lifecycle;

import java.util.regex.Pattern;

/** A pod's identity: 64 lower-case hexadecimal digits, as libpod's. */
public record PodId(String hex) {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

    public PodId {
        if (!isId(hex)) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "\"" + hex + "\" is not a pod ID: it must be 64 hexadecimal digits");
        }
    }

    static boolean isId(String text) {
        return FORM.matcher(text).matches();
    }

    /** A new identity that no other pod has. */
    public static PodId random() {
        return new PodId(ContainerId.random().hex());
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

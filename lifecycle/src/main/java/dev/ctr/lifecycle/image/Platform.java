package dev.ctr.lifecycle.image;

import dev.ctr.lifecycle.EngineException;

/**
 * The kind of machine that an image is for, in the words that images use, which are Go's.
 *
 * @param os {@code linux}
 * @param arch {@code amd64}, {@code arm64}
 * @param variant of the architecture, such as {@code v8}; empty when it does not matter
 */
public record Platform(String os, String arch, String variant) {
    /** This host. */
    public static Platform host() {
        String name = System.getProperty("os.arch", "");
        String architecture = switch (name) {
            case "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            case "i386", "x86" -> "386";
            default -> name;
        };
        return new Platform("linux", architecture, "");
    }

    /**
     * Reads {@code OS/ARCHITECTURE[/VARIANT]}.
     *
     * @throws EngineException with {@code INVALID_ARGUMENT} when it is anything else
     */
    public static Platform parse(String text) {
        String[] parts = text.split("/", -1);
        boolean complete = parts.length == 2 || parts.length == 3;
        for (String part : parts) {
            complete = complete && !part.isEmpty();
        }
        if (!complete) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "invalid platform \"" + text + "\": it must be OS/ARCH or OS/ARCH/VARIANT, such as linux/arm64");
        }
        return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : "");
    }

    static String architecture() {
        return host().arch();
    }

    boolean matches(String otherOs, String otherArchitecture) {
        return os.equals(otherOs) && arch.equals(otherArchitecture);
    }
}

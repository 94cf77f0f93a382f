package dev.ctr.lifecycle.image;

import dev.ctr.lifecycle.EngineException;
import java.util.Locale;

/** When to ask a registry for an image that a container is to be made of (podman-run(1), {@code --pull}). */
public enum PullPolicy {
    /** When it is not here. */
    MISSING,
    /** Whether it is here or not. */
    ALWAYS,
    /** Not at all. */
    NEVER,
    /** When the registry has another one than is here; one that is here is enough when the registry does not answer. */
    NEWER;

    /**
     * Reads the word of a policy; {@code ifnotpresent} is another one for {@link #MISSING}.
     *
     * @throws EngineException with {@code INVALID_ARGUMENT} when it is none
     */
    public static PullPolicy parse(String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        for (PullPolicy policy : values()) {
            if (policy.name().toLowerCase(Locale.ROOT).equals(lower)) {
                return policy;
            }
        }
        if (lower.equals("ifnotpresent")) {
            return MISSING;
        }
        throw new EngineException(
                EngineException.Code.INVALID_ARGUMENT,
                "unsupported pull policy \"" + word + "\": choose from missing, always, never, newer");
    }
}

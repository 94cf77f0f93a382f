package dev.ctr.lifecycle.image;

import dev.ctr.lifecycle.Progress;

/**
 * How to get an image.
 *
 * @param registry how to talk to the registry
 * @param platform which of an image for several platforms to take
 * @param progress told the bytes that have arrived
 */
public record PullOptions(RegistryOptions registry, Platform platform, Progress progress) {
    /** For this host. */
    public static PullOptions of(RegistryOptions registry) {
        return new PullOptions(registry, Platform.host(), Progress.NONE);
    }
}

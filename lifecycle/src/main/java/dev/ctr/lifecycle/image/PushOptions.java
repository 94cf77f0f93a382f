package dev.ctr.lifecycle.image;

import dev.ctr.lifecycle.Progress;

/**
 * How to send an image.
 *
 * @param registry how to talk to the registry
 * @param format of the manifest: {@code oci}, {@code v2s2} or {@code v2s1}; empty to leave it as it is. Another format is
 *     another manifest with another digest
 * @param progress told the bytes that were read to be sent
 */
public record PushOptions(RegistryOptions registry, String format, Progress progress) {
    /** Whether the manifest is to be docker's, which knows no zstd; skopeo compresses plain layers on the way. */
    boolean isDocker() {
        return format.startsWith("v2");
    }

    /** As the image is. */
    public static PushOptions of(RegistryOptions registry) {
        return new PushOptions(registry, "", Progress.NONE);
    }
}

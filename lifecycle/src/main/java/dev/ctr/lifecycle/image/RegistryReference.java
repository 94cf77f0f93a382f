package dev.ctr.lifecycle.image;

import java.util.List;
import java.util.Optional;

/**
 * What a registry is asked for: {@code REGISTRY/PATH[:TAG]} or {@code REGISTRY/PATH@sha256:DIGEST}, also after {@code
 * docker://}.
 *
 * @param name the name; with a digest its tag does not matter
 * @param digest the manifest's, if it is asked for by that
 */
record RegistryReference(ImageName name, Optional<Digest> digest) {
    private static final String TRANSPORT = "docker://";

    /**
     * Reads a reference.
     *
     * @throws dev.ctr.lifecycle.EngineException with {@code INVALID_ARGUMENT} when it is none or does not say which registry
     */
    static RegistryReference parse(String typed) {
        String text = withoutTransport(typed);
        int at = text.indexOf('@');
        return at < 0
                ? new RegistryReference(ImageName.ofRegistry(text), Optional.empty())
                : new RegistryReference(
                        ImageName.ofRegistry(text.substring(0, at)), Optional.of(Digest.parse(text.substring(at + 1))));
    }

    static String withoutTransport(String typed) {
        return typed.startsWith(TRANSPORT) ? typed.substring(TRANSPORT.length()) : typed;
    }

    /** The names that an image gets that was asked for so. */
    List<ImageName> names() {
        return digest.isPresent() ? List.of() : List.of(name);
    }

    @Override
    public String toString() {
        return digest.map(wanted -> name.repository() + "@" + wanted).orElse(name.toString());
    }
}

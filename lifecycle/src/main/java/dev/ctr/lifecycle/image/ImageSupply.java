package dev.ctr.lifecycle.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.lifecycle.EngineException;
import java.io.IOException;
import java.util.Optional;

/** Decides whether to ask a registry for an image. */
final class ImageSupply {
    private static final String LOCALHOST = "localhost";

    private final ImageStore store;
    private final PullOptions options;

    ImageSupply(ImageStore store, PullOptions options) {
        this.store = store;
        this.options = options;
    }

    Image obtain(String reference, PullPolicy policy) {
        Optional<Image> here = store.find(reference);
        return switch (policy) {
            case NEVER -> here.orElseThrow(() -> notKnown(reference, ""));
            case MISSING -> here.orElseGet(() -> pullMissing(reference));
            case ALWAYS ->
                store.pull(here.map(image -> registryName(reference, image)).orElse(reference), options);
            case NEWER -> here.map(image -> newer(reference, image)).orElseGet(() -> pullMissing(reference));
        };
    }

    private Image pullMissing(String reference) {
        try {
            RegistryReference.parse(reference);
        } catch (EngineException e) {
            throw notKnown(reference, ", and no registry can be asked: " + e.getMessage());
        }
        return store.pull(reference, options);
    }

    /** The image that is here is good enough if the registry has no other one, or cannot be asked. */
    private Image newer(String reference, Image here) {
        try {
            String name = registryName(reference, here);
            return store.isCurrent(here, name, options) ? here : store.pull(name, options);
        } catch (EngineException e) {
            if (e.code() == EngineException.Code.CANCELLED) {
                throw e;
            }
            return here;
        }
    }

    /** The name in full of an image that was found by less, if it is one of a registry's. */
    private static String registryName(String reference, Image here) {
        if (reference.indexOf('@') >= 0) {
            return reference;
        }
        ImageName.Parts typed = ImageName.Parts.of(RegistryReference.withoutTransport(reference));
        return here.names().stream()
                .filter(name -> !name.registry().equals(LOCALHOST))
                .filter(name -> name.tag().equals(typed.tag()))
                .filter(name -> ("/" + name.repository()).endsWith("/" + typed.repository()))
                .findFirst()
                .map(ImageName::toString)
                .orElseThrow(() -> new EngineException(
                        EngineException.Code.INVALID_ARGUMENT,
                        "cannot pull " + reference
                                + ": it is an image of this host only, and its name says of no registry"));
    }

    private static EngineException notKnown(String reference, String why) {
        return new EngineException(EngineException.Code.NO_SUCH_IMAGE, reference + ": image not known" + why);
    }

    /** Whether a manifest, or one of a list's, is the one of this digest. */
    static boolean isManifestOf(byte[] manifest, Digest digest) throws IOException {
        if (Digest.of(manifest).equals(digest)) {
            return true;
        }
        for (JsonNode listed :
                ImageJson.parse(manifest, "the registry's manifest").path("manifests")) {
            if (listed.path("digest").asText().equals(digest.toString())) {
                return true;
            }
        }
        return false;
    }
}

package dev.ctr.lifecycle.image;

import java.util.Arrays;

/** The forms of an image's manifest and config. */
public enum ManifestFormat {
    /** The OCI image specification's. */
    OCI("oci"),
    /** Docker's, version 2 schema 2. */
    DOCKER("docker");

    private final String word;

    ManifestFormat(String word) {
        this.word = word;
    }

    /** The word for it in options. */
    public String word() {
        return word;
    }

    /**
     * The form that a word stands for.
     *
     * @throws dev.ctr.lifecycle.EngineException with {@code INVALID_ARGUMENT}, in podman's words
     */
    public static ManifestFormat parse(String word) {
        return Arrays.stream(values())
                .filter(format -> format.word.equals(word))
                .findFirst()
                .orElseThrow(() -> new dev.ctr.lifecycle.EngineException(
                        dev.ctr.lifecycle.EngineException.Code.INVALID_ARGUMENT,
                        "unrecognized image format \"" + word + "\""));
    }
}

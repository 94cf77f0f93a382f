package dev.ctr.lifecycle.image;

import java.util.Set;

/** The media types of the OCI image specification, and docker's for the same things. */
final class MediaTypes {
    static final String INDEX = "application/vnd.oci.image.index.v1+json";
    static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
    static final String LAYER_ZSTD = LAYER + "+zstd";

    static final String DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json";
    static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
    static final String DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar";

    /** How a layer is compressed is seen from its first bytes: docker archives are known to say it wrongly. */
    static final Set<String> LAYERS = Set.of(
            LAYER,
            LAYER + "+gzip",
            LAYER_ZSTD,
            "application/vnd.oci.image.layer.nondistributable.v1.tar",
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
            "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
            DOCKER_LAYER,
            DOCKER_LAYER + ".gzip",
            DOCKER_LAYER + ".zstd",
            "application/vnd.docker.image.rootfs.foreign.diff.tar",
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip");

    static boolean isIndex(String mediaType) {
        return mediaType.equals(INDEX) || mediaType.equals(DOCKER_INDEX);
    }

    /** What a layer that is not compressed is in this image's form. */
    static String plainLayer(Manifest manifest) {
        return manifest.mediaType().equals(DOCKER_MANIFEST) ? DOCKER_LAYER : LAYER;
    }

    /** What a layer of either form is in the OCI's. */
    static String ociLayer(String mediaType) {
        return mediaType
                .replace(
                        "application/vnd.docker.image.rootfs.foreign.diff",
                        "application/vnd.oci.image.layer.nondistributable.v1")
                .replace(DOCKER_LAYER, LAYER)
                .replace(".tar.", ".tar+");
    }

    /** What a layer of either form is in docker's. */
    static String dockerLayer(String mediaType) {
        return mediaType
                .replace(
                        "application/vnd.oci.image.layer.nondistributable.v1",
                        "application/vnd.docker.image.rootfs.foreign.diff")
                .replace(LAYER, DOCKER_LAYER)
                .replace(".tar+", ".tar.");
    }

    private MediaTypes() {}
}

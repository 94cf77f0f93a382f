package dev.ctr.lifecycle.image;

/** The formats in which an image is saved to a file. */
public enum ArchiveFormat {
    /** What {@code docker load} and every podman read; layers are not compressed. */
    DOCKER_ARCHIVE("docker-archive"),
    /** An OCI layout in a tar. */
    OCI_ARCHIVE("oci-archive");

    private final String word;

    ArchiveFormat(String word) {
        this.word = word;
    }

    /** The word for it on command lines, which is skopeo's name of the transport. */
    public String word() {
        return word;
    }
}

package dev.ctr.lifecycle;

import dev.ctr.lifecycle.image.ManifestFormat;
import java.util.List;

/**
 * How an image is made of a container.
 *
 * @param name the image's name; empty for none
 * @param author who made it; empty to say nothing
 * @param message a remark for the image's history; empty for none. Docker's format only, as in podman
 * @param changes instructions as in a Containerfile, applied in order: {@code CMD}, {@code ENTRYPOINT}, {@code ENV}, {@code EXPOSE},
 *     {@code LABEL}, {@code ONBUILD}, {@code STOPSIGNAL}, {@code USER}, {@code VOLUME}, {@code WORKDIR}
 * @param format the form of its manifest
 * @param pause whether a running container is paused meanwhile, so that all files are of one moment
 * @param squash whether the image has one layer, and not one more than the container's image
 * @param includeVolumes whether the container's volumes, too, become volumes of the image
 */
public record CommitOptions(
        String name,
        String author,
        String message,
        List<String> changes,
        ManifestFormat format,
        boolean pause,
        boolean squash,
        boolean includeVolumes) {

    public CommitOptions {
        changes = List.copyOf(changes);
    }

    /** A name and nothing else. */
    public static CommitOptions named(String name) {
        return new CommitOptions(name, "", "", List.of(), ManifestFormat.OCI, false, false, false);
    }
}

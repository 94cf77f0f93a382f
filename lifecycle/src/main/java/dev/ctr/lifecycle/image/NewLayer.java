package dev.ctr.lifecycle.image;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * An image that is to be made from another by one more layer.
 *
 * @param base the image below
 * @param config how the new image wants to be run, before {@code changes}; its history is the base's
 * @param squash whether the layer holds everything and the base's layers are left out
 * @param format the form of the manifest
 * @param name the new image's name; empty for none
 * @param author who made the layer; may be empty
 * @param comment the remark in the history; may be empty
 * @param changes instructions as in a Containerfile, applied in order
 */
public record NewLayer(
        Image base,
        ImageConfig config,
        boolean squash,
        ManifestFormat format,
        String name,
        String author,
        String comment,
        List<String> changes) {

    public NewLayer {
        changes = List.copyOf(changes);
    }

    /** Writes a layer's tar. */
    @FunctionalInterface
    public interface Content {
        /** Writes all of it, not compressed; leaves {@code out} open. */
        void writeTo(OutputStream out) throws IOException;
    }
}

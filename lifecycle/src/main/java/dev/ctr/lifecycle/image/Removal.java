package dev.ctr.lifecycle.image;

import java.util.List;

/**
 * What a removal did.
 *
 * @param id the image
 * @param untagged the names it lost
 * @param deleted whether the image itself is gone, and not only a name of it
 */
public record Removal(ImageId id, List<ImageName> untagged, boolean deleted) {
    public Removal {
        untagged = List.copyOf(untagged);
    }
}

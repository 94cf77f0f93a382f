package dev.ctr.lifecycle.image;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An image of the store, as it was when it was looked up.
 *
 * @param id the digest of its config, the same on every host
 * @param digest the digest of its manifest, by which registries know it
 * @param names what it is called; may be empty
 * @param created when it was built; the epoch when it does not say
 * @param size bytes of its layers when unpacked, as tar streams, and of its config
 * @param layerSizes bytes of each layer when unpacked, the lowest first
 * @param config how it wants to be run
 * @param diffIds the digests of its layers as plain tar streams, the lowest first
 * @param annotations what its manifest says of it
 * @param nameHistory every name that it has had in this store, the last first
 */
public record Image(
        ImageId id,
        Digest digest,
        List<ImageName> names,
        Instant created,
        long size,
        List<Long> layerSizes,
        ImageConfig config,
        List<Digest> diffIds,
        Map<String, String> annotations,
        List<String> nameHistory) {

    public Image {
        names = List.copyOf(names);
        layerSizes = List.copyOf(layerSizes);
        diffIds = List.copyOf(diffIds);
        nameHistory = List.copyOf(nameHistory);
        annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
    }
}

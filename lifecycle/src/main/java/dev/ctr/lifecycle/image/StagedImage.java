package dev.ctr.lifecycle.image;

import dev.ctr.archive.Compression;
import dev.ctr.lifecycle.EngineException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An image whose blobs are staged and proven: everything its manifest names is there with the digest and size that it
 * names, and every layer unpacks to the tar that the config names.
 *
 * @param manifest points at the manifest
 * @param id the digest of the config
 * @param blobs the digests of all blobs, manifest and config included
 * @param size bytes of the unpacked layers and the config
 * @param layerSizes bytes of each unpacked layer, the lowest first
 * @param names what it is to be called
 */
record StagedImage(
        Descriptor manifest, ImageId id, Set<Digest> blobs, long size, List<Long> layerSizes, List<ImageName> names) {
    StagedImage {
        blobs = Set.copyOf(blobs);
        layerSizes = List.copyOf(layerSizes);
        names = List.copyOf(names);
    }

    /** The same under other names. */
    StagedImage named(List<ImageName> other) {
        return new StagedImage(manifest, id, blobs, size, layerSizes, other);
    }

    /**
     * Proves the image whose manifest is staged as {@code digest}.
     *
     * @throws EngineException with {@code BAD_ARCHIVE} when something is missing or is not what it is said to be
     */
    static StagedImage prove(Digest digest, List<ImageName> names, StagedBlobs staged) throws IOException {
        StagedBlobs.Blob manifestBlob = find(staged, digest, "manifest");
        Manifest manifest = Manifest.parse(ImageJson.read(manifestBlob.file(), "image manifest"));
        StagedBlobs.Blob configBlob = find(staged, manifest.config(), "config");
        ConfigFile config = ConfigFile.parse(ImageJson.read(configBlob.file(), "image config"));
        if (manifest.layers().size() != config.diffIds().size()) {
            throw ImageJson.bad(
                    "image",
                    "its manifest has " + manifest.layers().size() + " layers and its config "
                            + config.diffIds().size());
        }
        Set<Digest> blobs = new HashSet<>(Set.of(digest, configBlob.digest()));
        Map<Digest, Long> sizes = new HashMap<>();
        List<Long> layerSizes = new ArrayList<>();
        for (int i = 0; i < manifest.layers().size(); i++) {
            StagedBlobs.Blob layer = find(staged, manifest.layers().get(i), "layer");
            Digest diffId = config.diffIds().get(i);
            if (!sizes.containsKey(diffId)) {
                sizes.put(diffId, proveLayer(layer, diffId, staged.limit()));
            }
            layerSizes.add(sizes.getOrDefault(diffId, 0L));
            blobs.add(layer.digest());
        }
        Descriptor descriptor = new Descriptor(manifest.mediaType(), digest, manifestBlob.size());
        long total = configBlob.size()
                + layerSizes.stream().mapToLong(Long::longValue).sum();
        return new StagedImage(descriptor, new ImageId(configBlob.digest()), blobs, total, layerSizes, names);
    }

    /** Returns the length of the plain tar. */
    private static long proveLayer(StagedBlobs.Blob layer, Digest diffId, long limit) throws IOException {
        if (layer.digest().equals(diffId)) {
            return layer.size();
        }
        String what = "layer " + layer.digest();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(layer.file()));
                MeteredInputStream plain = new MeteredInputStream(Compression.decompress(in, what), what, limit)) {
            if (!plain.finish().equals(diffId)) {
                throw ImageJson.bad(what, "unpacked it does not have the digest " + diffId + " that the config names");
            }
            return plain.count();
        }
    }

    private static StagedBlobs.Blob find(StagedBlobs staged, Descriptor descriptor, String role) {
        StagedBlobs.Blob blob = find(staged, descriptor.digest(), role);
        if (blob.size() != descriptor.size()) {
            throw ImageJson.bad(
                    "image",
                    "its " + role + " " + blob.digest() + " has " + blob.size() + " bytes, where its manifest says "
                            + descriptor.size());
        }
        return blob;
    }

    private static StagedBlobs.Blob find(StagedBlobs staged, Digest digest, String role) {
        return staged.find(digest)
                .orElseThrow(() ->
                        ImageJson.bad("image", "its " + role + " " + digest + " is missing or its content is damaged"));
    }
}

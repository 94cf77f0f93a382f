package dev.ctr.lifecycle.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.lifecycle.EngineException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the images of an OCI layout (OCI image specification, "Image Layout"). Of an image for several platforms it takes
 * the one for this host.
 */
final class OciLayout {
    static final String INDEX = "index.json";

    /** Containerd writes the full name here and only the tag where the specification wants a name. */
    private static final String CONTAINERD_NAME = "io.containerd.image.name";

    private static final String WHAT = "index of the OCI layout";
    private static final int MAX_NESTING = 4;

    /** Gets a blob of the layout into the staging area. */
    interface BlobFetcher {
        Optional<StagedBlobs.Blob> fetch(Digest digest) throws IOException;
    }

    private final StagedBlobs staged;
    private final BlobFetcher fetcher;

    OciLayout(StagedBlobs staged, BlobFetcher fetcher) {
        this.staged = staged;
        this.fetcher = fetcher;
    }

    List<StagedImage> images(byte[] index) throws IOException {
        Map<Digest, Set<ImageName>> found = new LinkedHashMap<>();
        for (JsonNode node : manifests(index)) {
            Optional<Digest> manifest = resolve(Descriptor.of(node, WHAT), MAX_NESTING);
            if (manifest.isPresent()) {
                Set<ImageName> names = found.computeIfAbsent(manifest.get(), unused -> new LinkedHashSet<>());
                name(node).ifPresent(names::add);
            }
        }
        List<StagedImage> images = new ArrayList<>();
        for (Map.Entry<Digest, Set<ImageName>> image : found.entrySet()) {
            fetchContent(image.getKey());
            images.add(StagedImage.prove(image.getKey(), List.copyOf(image.getValue()), staged));
        }
        return images;
    }

    private static JsonNode manifests(byte[] index) throws IOException {
        return ImageJson.array(ImageJson.parse(index, WHAT), "manifests", WHAT);
    }

    /** The manifest that a descriptor leads to on this platform. */
    private Optional<Digest> resolve(Descriptor descriptor, int nesting) throws IOException {
        if (!MediaTypes.isIndex(descriptor.mediaType())) {
            return Optional.of(descriptor.digest());
        }
        if (nesting == 0) {
            throw ImageJson.bad(WHAT, "its indexes are nested too deeply");
        }
        Optional<StagedBlobs.Blob> blob = fetcher.fetch(descriptor.digest());
        if (blob.isEmpty()) {
            throw ImageJson.bad(WHAT, descriptor.digest() + " is missing or its content is damaged");
        }
        for (JsonNode node : manifests(ImageJson.read(blob.get().file(), WHAT))) {
            JsonNode platform = node.path("platform");
            if (Platform.host()
                    .matches(
                            platform.path("os").asText(),
                            platform.path("architecture").asText())) {
                return resolve(Descriptor.of(node, WHAT), nesting - 1);
            }
        }
        return Optional.empty();
    }

    private void fetchContent(Digest manifestDigest) throws IOException {
        Optional<StagedBlobs.Blob> blob = fetcher.fetch(manifestDigest);
        if (blob.isPresent()) {
            Manifest manifest = Manifest.parse(ImageJson.read(blob.get().file(), "image manifest"));
            fetcher.fetch(manifest.config().digest());
            for (Descriptor layer : manifest.layers()) {
                fetcher.fetch(layer.digest());
            }
        }
    }

    /** A name that is none of an image, which the format allows, leaves the image without one. */
    private static Optional<ImageName> name(JsonNode descriptor) {
        JsonNode annotations = descriptor.path("annotations");
        String full = annotations.path(CONTAINERD_NAME).asText();
        String name = full.isEmpty() ? annotations.path(ImageIndex.REF_NAME).asText() : full;
        try {
            return name.isEmpty() ? Optional.empty() : Optional.of(ImageName.of(name));
        } catch (EngineException e) {
            return Optional.empty();
        }
    }
}

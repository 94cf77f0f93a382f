package dev.ctr.lifecycle.image;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What {@code docker save} and {@code podman save} write: {@code manifest.json} lists the images, each with its config,
 * its names and the tar files of its layers (moby, image/spec/v1.2.md). The format has no manifest that a registry would
 * take; one is made in docker's form, which leaves the config and so the image's ID as it is.
 */
final class DockerArchive {
    static final String MANIFEST = "manifest.json";

    private static final String WHAT = "list of images in the docker archive";

    static List<StagedImage> images(ArchiveContent content, StagedBlobs.Blob list, StagedBlobs staged)
            throws IOException {
        JsonNode root = ImageJson.parse(ImageJson.read(list.file(), WHAT), WHAT);
        if (!root.isArray()) {
            throw ImageJson.bad(WHAT, "it is not an array");
        }
        List<StagedImage> images = new ArrayList<>();
        for (JsonNode item : root) {
            List<ImageName> names = new ArrayList<>();
            for (String name : ImageJson.texts(item, "RepoTags", WHAT)) {
                names.add(ImageName.ofDocker(name));
            }
            images.add(StagedImage.prove(manifest(item, content, staged), names, staged));
        }
        return images;
    }

    /** Stages a manifest for the image that {@code item} lists. */
    private static Digest manifest(JsonNode item, ArchiveContent content, StagedBlobs staged) throws IOException {
        StagedBlobs.Blob config = find(content, ImageJson.text(item, "Config", WHAT));
        List<Descriptor> layers = new ArrayList<>();
        for (String name : ImageJson.texts(item, "Layers", WHAT)) {
            StagedBlobs.Blob layer = find(content, name);
            layers.add(new Descriptor(layerType(layer), layer.digest(), layer.size()));
        }
        Manifest manifest = new Manifest(
                MediaTypes.DOCKER_MANIFEST,
                new Descriptor(MediaTypes.DOCKER_CONFIG, config.digest(), config.size()),
                layers,
                Map.of());
        return staged.add(new ByteArrayInputStream(manifest.toJson()), "manifest")
                .digest();
    }

    private static StagedBlobs.Blob find(ArchiveContent content, String name) {
        return content.find(name)
                .orElseThrow(
                        () -> ImageJson.bad("docker archive", "it lists \"" + name + "\" and does not contain it"));
    }

    /** Docker itself writes plain layers; docker with the containerd store writes them as the registry had them. */
    private static String layerType(StagedBlobs.Blob layer) throws IOException {
        try (InputStream in = Files.newInputStream(layer.file())) {
            byte[] start = in.readNBytes(2);
            if (Arrays.equals(start, new byte[] {0x1f, (byte) 0x8b})) {
                return MediaTypes.DOCKER_LAYER + ".gzip";
            }
            return Arrays.equals(start, new byte[] {0x28, (byte) 0xb5})
                    ? MediaTypes.DOCKER_LAYER + ".zstd"
                    : MediaTypes.DOCKER_LAYER;
        }
    }

    private DockerArchive() {}
}

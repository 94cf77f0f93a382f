package dev.ctr.lifecycle.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** An OCI layout written by hand, so that a test can also write wrong ones. */
final class LayoutFixture {
    static final String GZIP_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

    private final Path directory;
    private final List<String> layers = new ArrayList<>();
    private final List<String> diffIds = new ArrayList<>();
    private final List<String> manifests = new ArrayList<>();
    private String mediaType = GZIP_LAYER;

    LayoutFixture(Path directory) {
        this.directory = directory;
        write(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8));
    }

    LayoutFixture layerType(String type) {
        mediaType = type;
        return this;
    }

    LayoutFixture layer(byte[] tar) {
        return layer(gzip(tar), Digest.of(tar).toString());
    }

    LayoutFixture layer(byte[] blob, String diffId) {
        layers.add(
                "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}".formatted(mediaType, blob(blob), blob.length));
        diffIds.add('"' + diffId + '"');
        return this;
    }

    /** Ends an image; the next layers belong to another one. */
    LayoutFixture image(String name, String platform) {
        String config = "{\"architecture\":\"%s\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}"
                .formatted(platform, String.join(",", diffIds));
        String manifest = "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s],\"annotations\":{\"k\":\"v\"}}"
                .formatted(descriptor("application/vnd.oci.image.config.v1+json", config), String.join(",", layers));
        layers.clear();
        diffIds.clear();
        return manifest(name, manifest, platform);
    }

    LayoutFixture manifest(String name, String manifest, String platform) {
        String descriptor = descriptor(MediaTypes.MANIFEST, manifest);
        String more = ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + platform + "\"}"
                + (name.isEmpty() ? "" : ",\"annotations\":{\"" + ImageIndex.REF_NAME + "\":\"" + name + "\"}");
        manifests.add(descriptor.substring(0, descriptor.length() - 1) + more + "}");
        return this;
    }

    String descriptor(String type, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}".formatted(type, blob(bytes), bytes.length);
    }

    Path finish() {
        return index("{\"schemaVersion\":2,\"manifests\":[" + String.join(",", manifests) + "]}");
    }

    /** Ends the layout with one name for all its images, which are one for several platforms. */
    Path finishAsOne(String name) {
        String index = "{\"schemaVersion\":2,\"manifests\":[" + String.join(",", manifests) + "]}";
        String descriptor = descriptor(MediaTypes.INDEX, index);
        return index("{\"schemaVersion\":2,\"manifests\":[" + descriptor.substring(0, descriptor.length() - 1)
                + ",\"annotations\":{\"" + ImageIndex.REF_NAME + "\":\"" + name + "\"}}]}");
    }

    Path index(String content) {
        write(directory.resolve("index.json"), content.getBytes(StandardCharsets.UTF_8));
        return directory;
    }

    Digest blob(byte[] content) {
        Digest digest = Digest.of(content);
        write(blobFile(digest), content);
        return digest;
    }

    Path blobFile(Digest digest) {
        return directory.resolve("blobs/sha256").resolve(digest.hex());
    }

    static byte[] gzip(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(Path file, byte[] content) {
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

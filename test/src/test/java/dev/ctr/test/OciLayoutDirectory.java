package dev.ctr.test;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Writes OCI layouts with layers that no builder would make. */
final class OciLayoutDirectory {
    private final Path directory;
    private final Path blobs;

    private OciLayoutDirectory(Path directory) {
        this.directory = directory;
        this.blobs = directory.resolve("blobs/sha256");
    }

    /**
     * Writes an image into a new directory.
     *
     * @param layers plain tars, the lowest first
     */
    static Path write(Path directory, String name, List<Path> layers) {
        try {
            return new OciLayoutDirectory(directory).write(name, layers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path write(String name, List<Path> layers) throws IOException {
        Files.createDirectories(blobs);
        ObjectNode config = object();
        config.put("architecture", System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64");
        config.put("os", "linux");
        config.putObject("config");
        ArrayNode diffIds = config.putObject("rootfs").put("type", "layers").putArray("diff_ids");
        ObjectNode manifest = object().put("schemaVersion", 2);
        ArrayNode layerArray = JsonNodeFactory.instance.arrayNode();
        for (Path layer : layers) {
            ObjectNode descriptor = blob(layer, "layer.v1.tar");
            diffIds.add(descriptor.path("digest").asText());
            layerArray.add(descriptor);
        }
        manifest.set("config", blob(config, "config.v1+json"));
        manifest.set("layers", layerArray);
        ObjectNode named = blob(manifest, "manifest.v1+json");
        named.putObject("annotations").put("org.opencontainers.image.ref.name", name);
        ObjectNode index = object().put("schemaVersion", 2);
        index.putArray("manifests").add(named);
        Files.writeString(directory.resolve("index.json"), index.toString());
        Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        return directory;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private ObjectNode blob(ObjectNode content, String kind) throws IOException {
        Path file = Files.write(directory.resolve("blob"), content.toString().getBytes(StandardCharsets.UTF_8));
        return blob(file, kind);
    }

    /** Copies a file to its digest and returns its descriptor. */
    private ObjectNode blob(Path file, String kind) throws IOException {
        MessageDigest sha256 = sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256)) {
            Files.copy(in, directory.resolve("copied"));
        }
        String digest = HexFormat.of().formatHex(sha256.digest());
        Files.move(directory.resolve("copied"), blobs.resolve(digest));
        ObjectNode descriptor = object();
        descriptor.put("mediaType", "application/vnd.oci.image." + kind);
        descriptor.put("digest", "sha256:" + digest);
        descriptor.put("size", Files.size(blobs.resolve(digest)));
        return descriptor;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}

package dev.ctr.lifecycle.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.Json;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** The JSON of {@code podman image inspect} for one image. */
final class ImageInspection {

    static ObjectNode of(Image image, Manifest manifest, byte[] configContent) throws IOException {
        JsonNode raw = ImageJson.parse(configContent, "image config");
        ImageConfig config = image.config();
        ObjectNode root = Json.object();
        root.put("Id", image.id().hex());
        root.put("Digest", image.digest().toString());
        ArrayNode tags = root.putArray("RepoTags");
        image.names().forEach(name -> tags.add(name.toString()));
        ArrayNode digests = root.putArray("RepoDigests");
        image.names().stream()
                .map(name -> name.repository() + "@" + image.digest())
                .distinct()
                .forEach(digests::add);
        root.put("Parent", "");
        root.put("Comment", comment(raw, config));
        root.put("Created", image.created().toString());
        root.set("Config", raw.path("config").isObject() ? raw.path("config") : Json.object());
        root.put("Version", raw.path("docker_version").asText());
        root.put("Author", config.author());
        root.put("Architecture", config.architecture());
        root.put("Os", config.os());
        root.put("Size", image.size());
        root.put("VirtualSize", image.size());
        ObjectNode rootfs = root.putObject("RootFS");
        rootfs.put("Type", "layers");
        ArrayNode layers = rootfs.putArray("Layers");
        image.diffIds().forEach(diffId -> layers.add(diffId.toString()));
        putMap(root, "Labels", config.labels());
        putMap(root, "Annotations", image.annotations());
        root.put("ManifestType", manifest.mediaType());
        root.put("User", config.user());
        root.set("History", ImageJson.array(raw, "history", "image config"));
        Optional.of(raw.path("config").path("Healthcheck"))
                .filter(JsonNode::isObject)
                .ifPresent(healthcheck -> root.set("HealthCheck", healthcheck));
        return root;
    }

    /** The config's own comment, which only docker writes, or that of the last step. */
    private static String comment(JsonNode raw, ImageConfig config) {
        String own = raw.path("comment").asText();
        if (!own.isEmpty() || config.history().isEmpty()) {
            return own;
        }
        return config.history().get(config.history().size() - 1).comment();
    }

    private static void putMap(ObjectNode root, String key, Map<String, String> values) {
        ObjectNode map = root.putObject(key);
        values.forEach(map::put);
    }

    private ImageInspection() {}
}

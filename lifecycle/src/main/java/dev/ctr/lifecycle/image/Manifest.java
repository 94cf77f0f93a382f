package dev.ctr.lifecycle.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Says of what an image consists: an OCI image manifest or docker's "schema 2", which differ in media types only. Docker's
 * stays docker's in the store: a conversion would rewrite the config and with it the image's ID.
 */
record Manifest(String mediaType, Descriptor config, List<Descriptor> layers, Map<String, String> annotations) {
    private static final String WHAT = "image manifest";
    private static final Set<String> CONFIGS = Set.of(MediaTypes.CONFIG, MediaTypes.DOCKER_CONFIG);

    /** The kernel stacks no more directories than this in one overlay (OVL_MAX_STACK in fs/overlayfs). */
    private static final int MAX_LAYERS = 500;

    Manifest {
        layers = List.copyOf(layers);
        annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
    }

    static Manifest parse(byte[] content) throws IOException {
        JsonNode root = ImageJson.parse(content, WHAT);
        if (root.path("schemaVersion").asInt() != 2) {
            throw ImageJson.bad(WHAT, "its schema version is not 2");
        }
        Descriptor config = Descriptor.of(root.path("config"), WHAT);
        if (!CONFIGS.contains(config.mediaType())) {
            throw ImageJson.bad(WHAT, "it is of \"" + config.mediaType() + "\", which is not a container image");
        }
        List<Descriptor> layers = new ArrayList<>();
        for (JsonNode node : ImageJson.array(root, "layers", WHAT)) {
            Descriptor layer = Descriptor.of(node, WHAT);
            if (!MediaTypes.LAYERS.contains(layer.mediaType())) {
                throw ImageJson.bad(WHAT, "a layer is of the unknown type \"" + layer.mediaType() + "\"");
            }
            layers.add(layer);
        }
        if (layers.size() > MAX_LAYERS) {
            throw ImageJson.bad(
                    WHAT,
                    "it has " + layers.size() + " layers, more than the " + MAX_LAYERS
                            + " that can be mounted on each other");
        }
        return new Manifest(mediaType(root, config), config, layers, ImageJson.textMap(root, "annotations", WHAT));
    }

    private static String mediaType(JsonNode root, Descriptor config) {
        String stated = ImageJson.text(root, "mediaType", WHAT);
        if (!stated.isEmpty()) {
            return stated;
        }
        return config.mediaType().equals(MediaTypes.CONFIG) ? MediaTypes.MANIFEST : MediaTypes.DOCKER_MANIFEST;
    }

    byte[] toJson() {
        ObjectNode root = Json.object();
        root.put("schemaVersion", 2);
        root.put("mediaType", mediaType);
        root.set("config", config.toJson());
        ArrayNode array = root.putArray("layers");
        layers.forEach(layer -> array.add(layer.toJson()));
        if (!annotations.isEmpty()) {
            ObjectNode map = root.putObject("annotations");
            annotations.forEach(map::put);
        }
        return Json.bytes(root);
    }
}

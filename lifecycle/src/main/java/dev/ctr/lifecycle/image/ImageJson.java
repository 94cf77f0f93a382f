package dev.ctr.lifecycle.image;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the JSON of images: each accessor takes what is there or refuses it with a sentence that names the document. */
final class ImageJson {
    /** The limit that registries and the other engines have for a manifest, too. */
    static final int MAX_BYTES = 4 << 20;

    static byte[] read(Path file, String what) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MAX_BYTES + 1);
            if (content.length > MAX_BYTES) {
                throw bad(what, "it is larger than " + MAX_BYTES + " bytes");
            }
            return content;
        }
    }

    static JsonNode parse(byte[] content, String what) throws IOException {
        try {
            return Json.MAPPER.readTree(content);
        } catch (JacksonException e) {
            throw new EngineException(
                    EngineException.Code.BAD_ARCHIVE,
                    "the " + what + " cannot be used: it is not valid JSON: " + e.getOriginalMessage(),
                    e);
        }
    }

    /** A text that may be absent, then it is empty. */
    static String text(JsonNode object, String key, String what) {
        JsonNode node = object.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return "";
        }
        if (!node.isTextual()) {
            throw bad(what, "\"" + key + "\" is not a text");
        }
        return node.textValue();
    }

    static List<String> texts(JsonNode object, String key, String what) {
        List<String> texts = new ArrayList<>();
        for (JsonNode element : array(object, key, what)) {
            if (!element.isTextual()) {
                throw bad(what, "\"" + key + "\" has an element that is not a text");
            }
            texts.add(element.textValue());
        }
        return texts;
    }

    static Map<String, String> textMap(JsonNode object, String key, String what) {
        Map<String, String> map = new LinkedHashMap<>();
        JsonNode node = optionalObject(object, key, what);
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            if (!property.getValue().isTextual()) {
                throw bad(what, "\"" + key + "\" has a value that is not a text");
            }
            map.put(property.getKey(), property.getValue().textValue());
        }
        return map;
    }

    /** The keys of an object that stands for a set, as {@code ExposedPorts} does. */
    static List<String> keys(JsonNode object, String key, String what) {
        List<String> keys = new ArrayList<>();
        optionalObject(object, key, what).fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    /** An array that may be absent, then it is empty. */
    static JsonNode array(JsonNode object, String key, String what) {
        JsonNode node = object.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return Json.MAPPER.createArrayNode();
        }
        if (!node.isArray()) {
            throw bad(what, "\"" + key + "\" is not an array");
        }
        return node;
    }

    /** An object that may be absent, then it is empty. */
    static JsonNode optionalObject(JsonNode object, String key, String what) {
        JsonNode node = object.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return Json.object();
        }
        if (!node.isObject()) {
            throw bad(what, "\"" + key + "\" is not an object");
        }
        return node;
    }

    static Digest digest(JsonNode node, String what) {
        try {
            return Digest.parse(node.asText());
        } catch (EngineException e) {
            throw bad(what, String.valueOf(e.getMessage()));
        }
    }

    static EngineException bad(String what, String why) {
        return new EngineException(EngineException.Code.BAD_ARCHIVE, "the " + what + " cannot be used: " + why);
    }

    private ImageJson() {}
}

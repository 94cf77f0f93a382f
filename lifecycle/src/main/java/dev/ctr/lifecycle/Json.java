package dev.ctr.lifecycle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The one JSON mapper of the engine and its parts, and the small forms of reading and writing that they use. Any number of
 * threads may use it. Instants are written as ISO 8601 texts.
 */
public final class Json {
    /** Not to be configured any further: everybody has the same. */
    public static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    private Json() {}

    /** An empty object. */
    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** The object that a file holds; anything else is an {@link IOException} that names the file. */
    public static ObjectNode readObject(Path file) throws IOException {
        return parseObject(Files.readAllBytes(file), file.toString());
    }

    /** Any value; what is none is an {@link IOException} that names the file. */
    static JsonNode read(Path file) throws IOException {
        try {
            return MAPPER.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new IOException(file.getFileName() + " is not valid JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** Parses an object; anything else is an {@link IOException} that names {@code origin}. */
    static ObjectNode parseObject(byte[] json, String origin) throws IOException {
        try {
            if (MAPPER.readTree(json) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new IOException(origin + " is not valid JSON: " + e.getOriginalMessage(), e);
        }
        throw new IOException(origin + " does not hold a JSON object");
    }

    /** In as few bytes as possible. */
    public static byte[] bytes(JsonNode json) {
        try {
            return MAPPER.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree can always be written", e);
        }
    }

    /** With two spaces of indentation, as libpod writes its files. */
    public static byte[] pretty(JsonNode json) {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree can always be written", e);
        }
    }

    static List<String> strings(JsonNode array) {
        List<String> strings = new ArrayList<>();
        if (array instanceof ArrayNode) {
            array.forEach(element -> strings.add(element.asText()));
        }
        return List.copyOf(strings);
    }

    static JsonNode array(List<String> strings) {
        return MAPPER.valueToTree(strings);
    }
}

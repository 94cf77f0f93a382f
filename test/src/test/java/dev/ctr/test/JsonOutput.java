package dev.ctr.test;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Set;
import java.util.TreeSet;

/** Reads what commands print as JSON. */
final class JsonOutput {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private JsonOutput() {}

    static JsonNode of(String output) {
        try {
            return MAPPER.readTree(output);
        } catch (JsonProcessingException e) {
            throw new AssertionError("this is not JSON: " + output, e);
        }
    }

    /** What {@code ctr inspect} says of one container. */
    static JsonNode inspect(CtrRoot root, String container) {
        JsonNode found = of(root.ctr("inspect", container));
        if (!found.isArray() || found.size() != 1) {
            throw new AssertionError("inspect printed something else than an array of one: " + found);
        }
        return found.get(0);
    }

    /** The keys of an object, sorted. */
    static Set<String> keys(JsonNode object) {
        Set<String> keys = new TreeSet<>();
        object.fieldNames().forEachRemaining(keys::add);
        return keys;
    }
}

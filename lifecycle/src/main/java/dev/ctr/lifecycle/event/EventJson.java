package dev.ctr.lifecycle.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.Json;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Events as JSON objects with the keys of {@code podman events --format json}, which are also those of the journal. */
public final class EventJson {
    private EventJson() {}

    /** The event as an object; what is empty is left out, as podman does. */
    public static ObjectNode of(Event event) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        event.exitCode().stream().filter(code -> code != 0).forEach(code -> json.put("ContainerExitCode", code));
        putIfNotEmpty(json, "ID", event.id());
        putIfNotEmpty(json, "Image", event.image());
        putIfNotEmpty(json, "Name", event.name());
        putIfNotEmpty(json, "Network", event.network());
        json.put("Status", event.status().word());
        json.put("Time", event.time().toString());
        json.put("Type", event.type().word());
        putIfNotEmpty(json, "PodID", event.podId());
        if (event.type() == EventType.CONTAINER || !event.attributes().isEmpty()) {
            event.sortedAttributes().forEach(json.putObject("Attributes")::put);
        } else {
            json.putNull("Attributes");
        }
        return json;
    }

    private static void putIfNotEmpty(ObjectNode json, String key, String value) {
        if (!value.isEmpty()) {
            json.put(key, value);
        }
    }

    /** A line of the journal. */
    static byte[] line(Event event) {
        try {
            byte[] json = Json.MAPPER.writeValueAsBytes(of(event));
            byte[] line = Arrays.copyOf(json, json.length + 1);
            line[json.length] = '\n';
            return line;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The event of a line; empty if the line is damaged, such as one that a power cut has torn. */
    static Optional<Event> parse(byte[] line) {
        try {
            JsonNode json = Json.MAPPER.readTree(line);
            Optional<EventType> type = EventType.of(json.path("Type").asText());
            Optional<EventStatus> status = EventStatus.of(json.path("Status").asText());
            if (type.isEmpty() || status.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new Event(
                    Instant.parse(json.path("Time").asText()),
                    type.get(),
                    status.get(),
                    json.path("ID").asText(),
                    json.path("Name").asText(),
                    json.path("Image").asText(),
                    json.path("Network").asText(),
                    json.path("PodID").asText(),
                    exitCode(json, status.get()),
                    attributes(json.path("Attributes"))));
        } catch (IOException | DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Zero is not written. */
    private static OptionalInt exitCode(JsonNode json, EventStatus status) {
        boolean hasCode = status == EventStatus.DIED || status == EventStatus.EXEC_DIED;
        return hasCode ? OptionalInt.of(json.path("ContainerExitCode").asInt()) : OptionalInt.empty();
    }

    private static Map<String, String> attributes(JsonNode json) {
        Map<String, String> attributes = new HashMap<>();
        json.properties()
                .forEach(
                        entry -> attributes.put(entry.getKey(), entry.getValue().asText()));
        return attributes;
    }
}

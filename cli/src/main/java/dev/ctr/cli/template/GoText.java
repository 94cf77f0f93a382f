package dev.ctr.cli.template;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Writes values as Go's {@code %v} does. */
final class GoText {
    private GoText() {}

    static String of(JsonNode value) {
        if (value.isNull() || value.isMissingNode()) {
            return "<nil>";
        }
        List<String> parts = new ArrayList<>();
        if (value.isArray()) {
            value.forEach(element -> parts.add(of(element)));
            return "[" + String.join(" ", parts) + "]";
        }
        if (value.isObject()) {
            value.properties().forEach(entry -> parts.add(entry.getKey() + ":" + of(entry.getValue())));
            parts.sort(null);
            return "map[" + String.join(" ", parts) + "]";
        }
        return value.asText();
    }
}

package dev.ctr.lifecycle.event;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The filters of {@code podman events}, {@code KEY=VALUE} each: container, event (or status), image, label, network, pod,
 * type, volume. Of several values for one key one must fit, and every key must.
 */
public final class EventFilter {
    private EventFilter() {}

    /**
     * Parses filters.
     *
     * @throws IllegalArgumentException if one is none
     */
    public static Predicate<Event> parse(List<String> filters) {
        Map<String, Predicate<Event>> byKey = new LinkedHashMap<>();
        for (String filter : filters) {
            int equals = filter.indexOf('=');
            if (equals <= 0) {
                throw invalid(filter);
            }
            String key = filter.substring(0, equals);
            byKey.merge(key.equals("status") ? "event" : key, one(key, filter.substring(equals + 1)), Predicate::or);
        }
        return byKey.values().stream().reduce(event -> true, Predicate::and);
    }

    private static Predicate<Event> one(String key, String value) {
        return switch (key) {
            case "container" -> of(EventType.CONTAINER, value);
            case "image" -> of(EventType.IMAGE, value).or(event -> event.image().equals(value));
            case "network" ->
                event -> event.type() == EventType.NETWORK
                        && (event.name().equals(value) || event.network().equals(value));
            case "pod" ->
                of(EventType.POD, value)
                        .or(event -> !event.podId().isEmpty() && event.podId().startsWith(value));
            case "volume" -> of(EventType.VOLUME, value);
            case "type" -> event -> event.type().word().equals(value);
            case "event", "status" -> {
                String word = value.equals("die") ? "died" : value;
                yield event -> event.status().word().equals(word);
            }
            case "label" -> hasLabel(value);
            default -> throw invalid(key);
        };
    }

    private static Predicate<Event> of(EventType type, String nameOrId) {
        return event -> event.type() == type
                && (event.name().equals(nameOrId)
                        || (!nameOrId.isEmpty() && event.id().startsWith(nameOrId)));
    }

    private static Predicate<Event> hasLabel(String label) {
        int equals = label.indexOf('=');
        return equals < 0
                ? event -> event.attributes().containsKey(label)
                : event -> label.substring(equals + 1).equals(event.attributes().get(label.substring(0, equals)));
    }

    private static IllegalArgumentException invalid(String filter) {
        return new IllegalArgumentException("failed to parse event filters: " + filter + " is an invalid filter");
    }
}

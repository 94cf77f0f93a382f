package dev.ctr.cli.network;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.value.Moments;
import dev.ctr.lifecycle.Engine;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Which networks {@code --filter} lets through: of the values for one key one must fit, and every key must. */
final class NetworkFilter {
    private NetworkFilter() {}

    /** Parses {@code KEY=VALUE} texts; the engine tells which networks are used. */
    static Predicate<JsonNode> parse(List<String> filters, Engine engine) {
        Predicate<JsonNode> all = network -> true;
        for (String key : filters.stream().map(NetworkFilter::key).distinct().toList()) {
            Predicate<JsonNode> one = filters.stream()
                    .filter(filter -> key(filter).equals(key))
                    .map(filter -> of(key, filter.substring(Math.min(filter.length(), key.length() + 1)), engine))
                    .reduce(key.startsWith("label") ? Predicate::and : Predicate::or)
                    .orElse(network -> true);
            all = all.and(one);
        }
        return all;
    }

    private static String key(String filter) {
        int equals = filter.indexOf('=');
        if (equals < 0) {
            throw new Failure("invalid filter \"" + filter + "\": it must be KEY=VALUE");
        }
        return filter.substring(0, equals);
    }

    private static Predicate<JsonNode> of(String key, String value, Engine engine) {
        return switch (key) {
            case "name" -> matching("name", pattern(value));
            case "id" -> matching("id", pattern("^" + value));
            case "driver" -> network -> text(network, "driver").equals(value);
            case "label" -> network -> hasLabel(network, value);
            case "label!" -> network -> !hasLabel(network, value);
            case "until" -> createdBefore(Moments.parse(value, Instant.now()));
            case "dangling" -> {
                boolean wanted = truth(value);
                yield network -> engine.usersOfNetwork(text(network, "name")).isEmpty() == wanted;
            }
            default -> throw new Failure("invalid filter \"" + key + "\"");
        };
    }

    private static Predicate<JsonNode> createdBefore(Instant moment) {
        return network -> Instant.parse(text(network, "created")).isBefore(moment);
    }

    private static boolean truth(String value) {
        return switch (value) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw new Failure("invalid dangling filter value \"" + value + "\"");
        };
    }

    private static Predicate<JsonNode> matching(String field, Pattern pattern) {
        return network -> pattern.matcher(text(network, field)).find();
    }

    private static Pattern pattern(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new Failure("invalid regular expression \"" + text + "\": " + e.getDescription());
        }
    }

    private static String text(JsonNode network, String field) {
        return network.path(field).asText();
    }

    private static boolean hasLabel(JsonNode network, String wanted) {
        int equals = wanted.indexOf('=');
        JsonNode label = network.path("labels").path(equals < 0 ? wanted : wanted.substring(0, equals));
        return label.isTextual() && (equals < 0 || label.asText().equals(wanted.substring(equals + 1)));
    }
}

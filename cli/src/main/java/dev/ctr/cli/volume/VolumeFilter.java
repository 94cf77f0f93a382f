package dev.ctr.cli.volume;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.value.Moments;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.storage.Volume;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Which volumes {@code --filter} lets through: of the values for one key one must fit (of labels and options all), and every
 * key must.
 */
final class VolumeFilter {
    private VolumeFilter() {}

    /** Parses {@code KEY=VALUE} texts; the engine tells which volumes containers need. */
    static Predicate<Volume> parse(List<String> filters, Engine engine) {
        Map<String, Predicate<Volume>> byKey = new LinkedHashMap<>();
        for (String filter : filters) {
            int equals = filter.indexOf('=');
            String key = equals < 0 ? filter : filter.substring(0, equals);
            Predicate<Volume> one = one(key, equals < 0 ? "" : filter.substring(equals + 1), engine);
            boolean allMustFit = key.startsWith("label") || key.equals("opt");
            byKey.merge(key, one, allMustFit ? Predicate::and : Predicate::or);
        }
        return byKey.values().stream().reduce(volume -> true, Predicate::and);
    }

    private static Predicate<Volume> one(String key, String value, Engine engine) {
        return switch (key) {
            case "name" -> volume -> volume.name().contains(value);
            case "label" -> volume -> has(volume.labels(), value);
            case "label!" -> volume -> !has(volume.labels(), value);
            case "opt" -> volume -> has(volume.options(), value);
            case "driver", "scope" -> volume -> value.equals("local");
            case "dangling" -> volume -> engine.usersOfVolume(volume.name()).isEmpty() == Boolean.parseBoolean(value);
            case "until" -> createdBefore(Moments.parse(value, Instant.now()));
            default -> throw new Failure("\"" + key + "\" is an invalid volume filter");
        };
    }

    private static Predicate<Volume> createdBefore(Instant moment) {
        return volume -> volume.created().isBefore(moment);
    }

    private static boolean has(Map<String, String> pairs, String wanted) {
        int equals = wanted.indexOf('=');
        String key = equals < 0 ? wanted : wanted.substring(0, equals);
        return pairs.containsKey(key)
                && (equals < 0 || pairs.getOrDefault(key, "").equals(wanted.substring(equals + 1)));
    }
}

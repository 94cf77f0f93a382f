package dev.ctr.cli.pod;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.value.Moments;
import dev.ctr.lifecycle.PodStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Which pods {@code ctr pod ps --filter} lets through: of the values for one key one must fit (of labels all), and every key
 * must.
 */
final class PodFilter {
    private PodFilter() {}

    /** Parses {@code KEY=VALUE} texts. */
    static Predicate<PodRow> parse(List<String> filters) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (String filter : filters) {
            int equals = filter.indexOf('=');
            if (equals < 0) {
                throw new Failure("invalid filter \"" + filter + "\": it must be KEY=VALUE");
            }
            values.computeIfAbsent(filter.substring(0, equals), key -> new ArrayList<>())
                    .add(filter.substring(equals + 1));
        }
        return values.entrySet().stream()
                .map(entry -> entry.getValue().stream()
                        .map(value -> one(entry.getKey(), value))
                        .reduce(entry.getKey().startsWith("label") ? Predicate::and : Predicate::or)
                        .orElse(row -> true))
                .reduce(row -> true, Predicate::and);
    }

    private static Predicate<PodRow> one(String key, String value) {
        return switch (key) {
            case "id" -> row -> row.config().id().hex().startsWith(value);
            case "name" -> named(value);
            case "label" -> row -> hasLabel(row, value);
            case "label!" -> row -> !hasLabel(row, value);
            case "status" -> withStatus(value);
            case "network" -> row -> row.networks().contains(value);
            case "until" -> createdBefore(Moments.parse(value, Instant.now()));
            case "ctr-ids" -> anyMember(member -> member.config().id().hex().startsWith(value));
            case "ctr-names" -> anyMember(member -> member.config().name().equals(value));
            case "ctr-status" -> anyMember(member -> member.status().word().equals(value));
            case "ctr-number" -> row -> String.valueOf(row.members().size()).equals(value);
            default -> throw new Failure(key + " is an invalid filter");
        };
    }

    private static Predicate<PodRow> anyMember(Predicate<PodRow.Member> fits) {
        return row -> row.members().stream().anyMatch(fits);
    }

    private static Predicate<PodRow> createdBefore(Instant moment) {
        return row -> row.config().createdAt().isBefore(moment);
    }

    private static Predicate<PodRow> named(String value) {
        try {
            Pattern pattern = Pattern.compile(value);
            return row -> pattern.matcher(row.config().name()).find();
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("invalid filter name=" + value + ": " + e.getDescription(), e);
        }
    }

    private static boolean hasLabel(PodRow row, String wanted) {
        int equals = wanted.indexOf('=');
        String key = equals < 0 ? wanted : wanted.substring(0, equals);
        Map<String, String> labels = row.config().labels();
        return labels.containsKey(key)
                && (equals < 0 || labels.getOrDefault(key, "").equals(wanted.substring(equals + 1)));
    }

    private static Predicate<PodRow> withStatus(String word) {
        if (Arrays.stream(PodStatus.values())
                .noneMatch(status -> lower(status).equals(word.toLowerCase(Locale.ROOT)))) {
            throw new Failure(word + " is not a valid pod status");
        }
        return row -> lower(row.status()).equals(word.toLowerCase(Locale.ROOT));
    }

    private static String lower(PodStatus status) {
        return status.word().toLowerCase(Locale.ROOT);
    }
}

package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.value.Moments;
import dev.ctr.lifecycle.ContainerConfig;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.Pod;
import dev.ctr.lifecycle.PodId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/**
 * Which containers {@code ctr ps --filter} lets through: of the values for one key one must fit (of labels all), and every
 * key must.
 */
final class PsFilter implements Predicate<ContainerRow> {
    private final Predicate<ContainerRow> all;
    private final boolean asksForStatus;

    private PsFilter(Predicate<ContainerRow> all, boolean asksForStatus) {
        this.all = all;
        this.asksForStatus = asksForStatus;
    }

    /** Parses {@code KEY=VALUE} texts; the engine tells about containers that are named. */
    static PsFilter parse(List<String> filters, Engine engine) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (String filter : filters) {
            int equals = filter.indexOf('=');
            if (equals < 0) {
                throw new Failure("invalid filter \"" + filter + "\": it must be KEY=VALUE");
            }
            boolean negated = equals > 0 && filter.charAt(equals - 1) == '!';
            String key = filter.substring(0, negated ? equals - 1 : equals) + (negated ? "!" : "");
            values.computeIfAbsent(key, absent -> new ArrayList<>()).add(filter.substring(equals + 1));
        }
        Predicate<ContainerRow> all = row -> true;
        for (Map.Entry<String, List<String>> entry : values.entrySet()) {
            all = all.and(of(entry.getKey(), entry.getValue(), engine));
        }
        return new PsFilter(all, values.containsKey("status"));
    }

    /** Whether it looks at the status, so that containers that do not run count too. */
    boolean asksForStatus() {
        return asksForStatus;
    }

    @Override
    public boolean test(ContainerRow row) {
        return all.test(row);
    }

    private static Predicate<ContainerRow> of(String key, List<String> values, Engine engine) {
        return values.stream()
                .map(value -> one(key, value, engine))
                .reduce(key.startsWith("label") ? Predicate::and : Predicate::or)
                .orElse(row -> true);
    }

    private static Predicate<ContainerRow> one(String key, String value, Engine engine) {
        return switch (key) {
            case "id" -> row -> row.config().id().hex().startsWith(value);
            case "name" -> named(pattern(value));
            case "label" -> row -> hasLabel(row.config(), value);
            case "label!" -> row -> !hasLabel(row.config(), value);
            case "status" -> withStatus(value);
            case "ancestor" -> row -> comesFrom(row.config(), value);
            case "exited" -> exitedWith(value);
            case "volume" -> row -> mounts(row.config(), value);
            case "network" ->
                row -> row.config().networks().containsKey(value)
                        || row.config().networkMode().equals(value);
            case "pod" -> inPod(value, engine);
            case "restart-policy" -> row -> row.config().restartPolicy().equals(value);
            case "before" -> createdBefore(engine.container(value).config().createdAt());
            case "since" -> createdAfter(engine.container(value).config().createdAt());
            case "until" -> createdBefore(Moments.parse(value, Instant.now()));
            default -> throw new Failure(key + " is an invalid filter");
        };
    }

    /** By the pod's name, or its ID or a beginning of it. */
    private static Predicate<ContainerRow> inPod(String value, Engine engine) {
        Set<PodId> pods = engine.pods().stream()
                .filter(pod -> pod.id().hex().startsWith(value) || pod.name().equals(value))
                .map(Pod::id)
                .collect(Collectors.toSet());
        return row -> row.config().pod().filter(pods::contains).isPresent();
    }

    private static Predicate<ContainerRow> named(Pattern pattern) {
        return row -> pattern.matcher(row.config().name()).find();
    }

    private static Pattern pattern(String value) {
        try {
            return Pattern.compile(value);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("invalid filter name=" + value + ": " + e.getDescription(), e);
        }
    }

    private static boolean hasLabel(ContainerConfig config, String wanted) {
        int equals = wanted.indexOf('=');
        String key = equals < 0 ? wanted : wanted.substring(0, equals);
        return config.labels().containsKey(key)
                && (equals < 0 || config.labels().getOrDefault(key, "").equals(wanted.substring(equals + 1)));
    }

    private static Predicate<ContainerRow> withStatus(String word) {
        if (Arrays.stream(ContainerStatus.values())
                .noneMatch(status -> status.word().equals(word))) {
            throw new Failure("unknown container state: " + word);
        }
        return row -> {
            ContainerStatus status = row.state().status();
            return status.word().equals(word) || (word.equals("exited") && status == ContainerStatus.STOPPED);
        };
    }

    /** The image's ID or a beginning of it, its full name, or its name without registry or tag. */
    private static boolean comesFrom(ContainerConfig config, String image) {
        String id = image.startsWith("sha256:") ? image.substring("sha256:".length()) : image;
        if (config.imageId().filter(known -> known.startsWith(id)).isPresent()) {
            return true;
        }
        String name = config.imageName().orElse("");
        int tag = name.lastIndexOf(':');
        String untagged = tag > name.lastIndexOf('/') ? name.substring(0, tag) : name;
        return List.of(name, untagged).stream().anyMatch(known -> known.equals(image) || known.endsWith("/" + image));
    }

    private static Predicate<ContainerRow> exitedWith(String value) {
        if (!value.matches("-?\\d{1,9}")) {
            throw new Failure("invalid filter exited=" + value + ": it must be an exit code");
        }
        int code = Integer.parseInt(value);
        return row -> row.state().status().hasEnded() && row.state().exitCode() == code;
    }

    private static boolean mounts(ContainerConfig config, String volume) {
        return config.namedVolumes().stream()
                        .anyMatch(named -> named.name().equals(volume)
                                || named.destination().equals(volume))
                || contains(config, volume);
    }

    private static boolean contains(ContainerConfig config, String destination) {
        for (var path : config.toJson().path("userVolumes")) {
            if (path.asText().equals(destination)) {
                return true;
            }
        }
        return false;
    }

    private static Predicate<ContainerRow> createdBefore(Instant moment) {
        return row -> row.config().createdAt().isBefore(moment);
    }

    private static Predicate<ContainerRow> createdAfter(Instant moment) {
        return row -> row.config().createdAt().isAfter(moment);
    }
}

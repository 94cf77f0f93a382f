package dev.ctr.cli.image;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.value.Moments;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.image.Image;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;

/**
 * Which images {@code --filter} lets through: of the values for one key one must fit (of labels all), and every key must.
 */
final class ImageFilter {
    private ImageFilter() {}

    /** Parses {@code KEY=VALUE} texts; the engine tells about images that are named. */
    static Predicate<Image> parse(List<String> filters, Engine engine) {
        Map<String, Predicate<Image>> byKey = new LinkedHashMap<>();
        for (String filter : filters) {
            int equals = filter.indexOf('=');
            if (equals <= 0) {
                throw new Failure("invalid image filter \"" + filter + "\": must be in the format \"filter=value\"");
            }
            String key = filter.substring(0, equals);
            Predicate<Image> one = one(key, filter.substring(equals + 1), engine);
            byKey.merge(key, one, key.startsWith("label") ? Predicate::and : Predicate::or);
        }
        return byKey.values().stream().reduce(image -> true, Predicate::and);
    }

    private static Predicate<Image> one(String key, String value, Engine engine) {
        return switch (key) {
            case "dangling" -> image -> image.names().isEmpty() == Boolean.parseBoolean(value);
            case "id" -> image -> image.id().hex().startsWith(value);
            case "label" -> image -> hasLabel(image, value);
            case "label!" -> image -> !hasLabel(image, value);
            case "reference" -> named(value);
            case "before" -> createdBefore(find(value, engine).created());
            case "since", "after" -> createdAfter(find(value, engine).created());
            case "until" -> createdBefore(Moments.parse(value, Instant.now()));
            case "containers" -> image -> isUsed(image, engine) == Boolean.parseBoolean(value);
            case "intermediate", "readonly" -> image -> !Boolean.parseBoolean(value);
            default -> throw new Failure("unsupported image filter \"" + key + "\"");
        };
    }

    private static boolean hasLabel(Image image, String wanted) {
        int equals = wanted.indexOf('=');
        String key = equals < 0 ? wanted : wanted.substring(0, equals);
        Map<String, String> labels = image.config().labels();
        return labels.containsKey(key)
                && (equals < 0 || labels.getOrDefault(key, "").equals(wanted.substring(equals + 1)));
    }

    /** A pattern for a whole name, or for its end with or without the tag. */
    private static Predicate<Image> named(String pattern) {
        PathMatcher matcher;
        try {
            matcher = FileSystems.getDefault().getPathMatcher("glob:{,**/}" + pattern);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("invalid filter reference=" + pattern + ": " + e.getDescription(), e);
        }
        return image -> image.names().stream()
                .anyMatch(name -> matches(matcher, name.toString()) || matches(matcher, name.repository()));
    }

    private static boolean matches(PathMatcher matcher, String name) {
        return matcher.matches(Path.of(name));
    }

    private static Image find(String name, Engine engine) {
        return engine.images()
                .find(name)
                .orElseThrow(() -> new EngineException(EngineException.Code.NO_SUCH_IMAGE, name + ": image not known"));
    }

    private static boolean isUsed(Image image, Engine engine) {
        return engine.containers().stream()
                .anyMatch(container -> container
                        .config()
                        .imageId()
                        .filter(image.id().hex()::equals)
                        .isPresent());
    }

    private static Predicate<Image> createdBefore(Instant moment) {
        return image -> image.created().isBefore(moment);
    }

    private static Predicate<Image> createdAfter(Instant moment) {
        return image -> image.created().isAfter(moment);
    }
}

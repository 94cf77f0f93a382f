package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.linux.EffectiveCapabilities;
import dev.ctr.lifecycle.ResourceOptions.Ulimit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Resource limits of processes, as the OCI specification writes them and as {@code /proc/self/limits} tells this process's
 * own. Without CAP_SYS_RESOURCE no process may set a hard limit above its own.
 */
final class Ulimits {
    private static final BigInteger INFINITY = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
    private static final Pattern LINE = Pattern.compile("(Max [a-z ]+?) {2,}(\\d+|unlimited) +(\\d+|unlimited).*");

    /** Names as setrlimit(2) has them, by the words of /proc/self/limits. */
    private static final Map<String, String> WORDS = Map.ofEntries(
            Map.entry("Max cpu time", "cpu"),
            Map.entry("Max file size", "fsize"),
            Map.entry("Max data size", "data"),
            Map.entry("Max stack size", "stack"),
            Map.entry("Max core file size", "core"),
            Map.entry("Max resident set", "rss"),
            Map.entry("Max processes", "nproc"),
            Map.entry("Max open files", "nofile"),
            Map.entry("Max locked memory", "memlock"),
            Map.entry("Max address space", "as"),
            Map.entry("Max file locks", "locks"),
            Map.entry("Max pending signals", "sigpending"),
            Map.entry("Max msgqueue size", "msgqueue"),
            Map.entry("Max nice priority", "nice"),
            Map.entry("Max realtime priority", "rtprio"),
            Map.entry("Max realtime timeout", "rttime"));

    private Ulimits() {}

    /** The limits as the specification has them; warns of those that this process cannot give. */
    static ArrayNode toJson(List<Ulimit> asked, Consumer<String> warnings) {
        ArrayNode json = Json.MAPPER.createArrayNode();
        for (Ulimit limit : asked) {
            if (limit.name().equals("host")) {
                own().forEach(own -> add(json, own));
            } else {
                check(limit);
                warn(limit, warnings);
                add(json, limit);
            }
        }
        return json;
    }

    private static void check(Ulimit limit) {
        if (!WORDS.containsValue(limit.name())) {
            throw invalid("ulimit option \"" + limit.name() + "\" is not known: use one of "
                    + String.join(", ", WORDS.values().stream().sorted().toList()) + ", or host");
        }
        if (Long.compareUnsigned(limit.soft(), limit.hard()) > 0) {
            throw invalid("ulimit soft limit must be less than or equal to hard limit: " + limit.soft() + " > "
                    + limit.hard() + " of " + limit.name());
        }
    }

    private static void warn(Ulimit limit, Consumer<String> warnings) {
        if (mayRaise()) {
            return;
        }
        own().stream()
                .filter(own -> own.name().equals(limit.name()))
                .filter(own -> Long.compareUnsigned(limit.hard(), own.hard()) > 0)
                .forEach(own -> warnings.accept("the limit " + limit.name() + "=" + limit.hard()
                        + " is above what this process may set, " + own.hard() + ", which is used in its place"));
    }

    private static void add(ArrayNode json, Ulimit limit) {
        json.addObject()
                .put("type", "RLIMIT_" + limit.name().toUpperCase(Locale.ROOT))
                .put("hard", number(limit.hard()))
                .put("soft", number(limit.soft()));
    }

    private static BigInteger number(long limit) {
        return limit == ResourceOptions.UNLIMITED ? INFINITY : BigInteger.valueOf(limit);
    }

    /** Lowers the limits of a specification to what this process may set. */
    static void lower(JsonNode rlimits) {
        if (rlimits.isEmpty() || mayRaise()) {
            return;
        }
        List<Ulimit> own = own();
        for (JsonNode node : rlimits) {
            String name =
                    node.path("type").asText().replaceFirst("^RLIMIT_", "").toLowerCase(Locale.ROOT);
            own.stream()
                    .filter(limit -> limit.name().equals(name))
                    .forEach(limit -> lower((ObjectNode) node, number(limit.hard())));
        }
    }

    private static void lower(ObjectNode limit, BigInteger largest) {
        for (String key : List.of("hard", "soft")) {
            limit.put(key, limit.path(key).bigIntegerValue().min(largest));
        }
    }

    /** Whether this process may set limits above its own. */
    static boolean mayRaise() {
        try {
            return EffectiveCapabilities.read().has(EffectiveCapabilities.CAP_SYS_RESOURCE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Ulimit> own() {
        try {
            return Files.readAllLines(Path.of("/proc/self/limits")).stream()
                    .map(LINE::matcher)
                    .filter(Matcher::matches)
                    .filter(line -> WORDS.containsKey(line.group(1)))
                    .map(line -> new Ulimit(
                            WORDS.getOrDefault(line.group(1), ""), limit(line.group(2)), limit(line.group(3))))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long limit(String text) {
        return text.equals("unlimited") ? ResourceOptions.UNLIMITED : Long.parseUnsignedLong(text);
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }
}

package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a container is asked whether it is well, as Docker's image format defines it.
 *
 * @param test {@code CMD} and a command line, {@code CMD-SHELL} and a line for the shell, or {@code NONE}
 * @param interval how long to wait between two runs
 * @param timeout how long a run may take
 * @param startPeriod how long after the start failures do not count
 * @param retries how many failures in a row make the container unhealthy
 */
public record HealthCheck(List<String> test, Duration interval, Duration timeout, Duration startPeriod, int retries) {
    public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(30);
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);
    public static final int DEFAULT_RETRIES = 3;

    public HealthCheck {
        test = List.copyOf(test);
    }

    /** Whether there is nothing to run. */
    public boolean isNone() {
        return test.isEmpty() || test.get(0).equals("NONE");
    }

    /** The command line to run in the container. */
    public List<String> command() {
        List<String> rest = test.subList(1, test.size());
        return switch (test.get(0)) {
            case "CMD" -> rest;
            case "CMD-SHELL" -> List.of("/bin/sh", "-c", String.join(" ", rest));
            default -> test;
        };
    }

    ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.set("Test", Json.array(test));
        json.put("StartPeriod", startPeriod.toNanos());
        json.put("Interval", interval.toNanos());
        json.put("Timeout", timeout.toNanos());
        json.put("Retries", retries);
        return json;
    }

    static Optional<HealthCheck> of(JsonNode json) {
        List<String> test = Json.strings(json.path("Test"));
        if (test.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new HealthCheck(
                test,
                duration(json.path("Interval"), DEFAULT_INTERVAL),
                duration(json.path("Timeout"), DEFAULT_TIMEOUT),
                duration(json.path("StartPeriod"), Duration.ZERO),
                json.path("Retries").asInt() > 0 ? json.path("Retries").asInt() : DEFAULT_RETRIES));
    }

    private static Duration duration(JsonNode nanos, Duration standard) {
        return nanos.asLong() > 0 ? Duration.ofNanos(nanos.asLong()) : standard;
    }
}

package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.value.Durations;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.HealthCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a container that is to be created is asked whether it is well. */
final class HealthFlags {
    @Option(
            names = {"--health-cmd", "--healthcheck-command"},
            paramLabel = "COMMAND",
            description = "What to run in it, for the shell or as a JSON array; none for nothing")
    private @Nullable String command;

    @Option(names = "--health-interval", paramLabel = "DURATION", description = "How often (default: 30s)")
    private @Nullable String interval;

    @Option(names = "--health-timeout", paramLabel = "DURATION", description = "How long it may take (default: 30s)")
    private @Nullable String timeout;

    @Option(names = "--health-start-period", paramLabel = "DURATION", description = "Time to get ready (default: 0s)")
    private @Nullable String startPeriod;

    @Option(names = "--health-retries", paramLabel = "NUMBER", description = "Failures in a row (default: 3)")
    private @Nullable Integer retries;

    @Option(
            names = "--health-on-failure",
            paramLabel = "none",
            description = "Accepted as podman does; ctr takes no action by itself")
    private @Nullable String onFailure;

    @Option(names = "--no-healthcheck", description = "Run no health check, whatever the image says")
    private boolean disabled;

    void addTo(CreateOptions options) {
        if (disabled && command != null) {
            throw new Failure("cannot specify both --no-healthcheck and --health-cmd");
        }
        if (onFailure != null && !onFailure.equals("none")) {
            throw new Failure(
                    "--health-on-failure " + onFailure
                            + ": ctr runs health checks only when told to, by ctr healthcheck run, and takes no action by itself");
        }
        if (retries != null && retries < 1) {
            throw new Failure("healthcheck-retries must be greater than 0");
        }
        if (command != null) {
            options.healthCheck(new HealthCheck(
                    test(command),
                    duration(interval, HealthCheck.DEFAULT_INTERVAL),
                    duration(timeout, HealthCheck.DEFAULT_TIMEOUT),
                    duration(startPeriod, Duration.ZERO),
                    retries == null ? HealthCheck.DEFAULT_RETRIES : retries));
        }
    }

    private static Duration duration(@Nullable String text, Duration standard) {
        return text == null || text.equals("disable") ? standard : Durations.parse(text);
    }

    /** As podman reads it: a JSON array of a program and its arguments, or a line for the shell. */
    private static List<String> test(String text) {
        List<String> words = CommandWords.parse(text);
        if (words.isEmpty()) {
            throw new Failure("must define a healthcheck command for all healthchecks");
        }
        String first = words.get(0).split(" ", 2)[0].toUpperCase(Locale.ROOT);
        if (first.equals("CMD") || first.equals("NONE")) {
            return words.size() > 1
                    ? words
                    : Stream.of(text.strip().split("\\s+")).toList();
        }
        if (first.equals("CMD-SHELL")) {
            return words;
        }
        List<String> test = new ArrayList<>(List.of(words.size() > 1 ? "CMD" : "CMD-SHELL"));
        test.addAll(words);
        return test;
    }
}

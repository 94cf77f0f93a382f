package dev.ctr.lifecycle;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Runs a container's health check once, and writes down what it found. */
final class HealthRun {
    private static final int LONGEST_OUTPUT = 500;
    private static final int TOO_LATE = -1;

    private final Container container;
    private final ContainerConfig config;
    private final ContainerPaths paths;

    HealthRun(Container container, ContainerConfig config, ContainerPaths paths) {
        this.container = container;
        this.config = config;
        this.paths = paths;
    }

    /** Keeps the beginning of what is written, and counts nothing else. */
    private static final class Beginning extends OutputStream {
        private final StringBuilder text = new StringBuilder();

        @Override
        public synchronized void write(int value) {
            if (text.length() < LONGEST_OUTPUT) {
                text.append((char) (value & 0xff));
            }
        }

        synchronized String text() {
            byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
            return new String(bytes, StandardCharsets.UTF_8).strip();
        }
    }

    HealthResult run() {
        HealthCheck check = config.healthCheck()
                .filter(found -> !found.isNone())
                .orElseThrow(() -> new EngineException(
                        EngineException.Code.INVALID_ARGUMENT,
                        "container " + config.id() + " has no defined healthcheck"));
        if (container.state().status() != ContainerStatus.RUNNING) {
            throw new EngineException(
                    EngineException.Code.STATE_IMPROPER, "container " + config.id() + " is not running");
        }
        Instant begin = Instant.now();
        Beginning output = new Beginning();
        int code = container.exec(
                new ExecOptions(check.command()),
                new AttachStreams().output(output).errors(output));
        Instant end = Instant.now();
        boolean inTime = Duration.between(begin, end).compareTo(check.timeout()) <= 0;
        HealthResult result = new HealthResult(begin, end, inTime ? code : TOO_LATE, output.text());
        record(check, result);
        return result;
    }

    private void record(HealthCheck check, HealthResult result) {
        Optional<Instant> startedAt = container.state().startedAt();
        try {
            new HealthLog(paths).add(check, result, startedAt);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.linux.Durable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;

/** What the health checks of a container have found since it was started, in the form of libpod's healthcheck.log. */
final class HealthLog {
    private static final int LONGEST_LOG = 5;
    private static final String STARTING = "starting";

    private final Path file;

    HealthLog(ContainerPaths paths) {
        file = paths.bundle().resolve("healthcheck.log");
    }

    /** Begins anew. */
    void clear() throws IOException {
        Files.deleteIfExists(file);
    }

    /** For {@code inspect}: Status, FailingStreak and Log. */
    ObjectNode read() throws IOException {
        if (Files.exists(file)) {
            return Json.readObject(file);
        }
        return Json.object().put("Status", STARTING).put("FailingStreak", 0).putNull("Log");
    }

    /**
     * Adds a run.
     *
     * @param startedAt when the container was started
     */
    void add(HealthCheck check, HealthResult result, Optional<Instant> startedAt) throws IOException {
        ObjectNode log = read();
        int streak = log.path("FailingStreak").asInt();
        Duration age =
                startedAt.map(start -> Duration.between(start, result.end())).orElse(check.startPeriod());
        if (result.isHealthy()) {
            log.put("Status", "healthy").put("FailingStreak", 0);
        } else if (age.compareTo(check.startPeriod()) >= 0) {
            log.put("FailingStreak", streak + 1);
            if (streak + 1 >= check.retries()) {
                log.put("Status", "unhealthy");
            }
        }
        ArrayNode runs = log.withArrayProperty("Log");
        runs.addObject()
                .put("Start", time(result.begin()))
                .put("End", time(result.end()))
                .put("ExitCode", result.exitCode())
                .put("Output", result.output());
        while (runs.size() > LONGEST_LOG) {
            runs.remove(0);
        }
        Durable.writeAtomically(file, Json.pretty(log), ContainerStore.OWNER_ONLY);
    }

    private static String time(Instant instant) {
        return OffsetDateTime.ofInstant(instant, ZoneOffset.UTC).toString();
    }
}

package dev.ctr.lifecycle;

import java.time.Instant;

/**
 * What one run of a container's health check found.
 *
 * @param begin when it began
 * @param end when it ended
 * @param exitCode the check's exit code; -1 when it took longer than it may
 * @param output the beginning of what it wrote
 */
public record HealthResult(Instant begin, Instant end, int exitCode, String output) {
    /** Whether the container is well. */
    public boolean isHealthy() {
        return exitCode == 0;
    }
}

package dev.ctr.lifecycle;

import dev.ctr.criu.DumpStatistics;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a checkpoint took.
 *
 * @param id the container
 * @param runtimeDuration how long the runtime and CRIU took
 * @param archiveDuration how long writing the archive took; zero without export
 * @param archiveBytes the archive's size in bytes; 0 without export
 * @param totalDuration from the call to its return
 * @param statistics CRIU's own figures, where it left any
 * @param warnings what the archive does not hold and the caller may expect, one sentence each
 */
public record CheckpointResult(
        ContainerId id,
        Duration runtimeDuration,
        Duration archiveDuration,
        long archiveBytes,
        Duration totalDuration,
        Optional<DumpStatistics> statistics,
        List<String> warnings) {}

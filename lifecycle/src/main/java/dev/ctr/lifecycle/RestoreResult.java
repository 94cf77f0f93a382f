package dev.ctr.lifecycle;

import dev.ctr.criu.RestoreStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a restore took.
 *
 * @param id the container, running again
 * @param phases how long everything took before the runtime was called
 * @param runtimeDuration how long conmon, the runtime and CRIU took
 * @param running when its processes went on, by this host's clock, or soon after that
 * @param totalDuration from the call to its return
 * @param statistics CRIU's own figures, where it left any
 * @param warnings what differs from the checkpointed container, one sentence each
 */
public record RestoreResult(
        ContainerId id,
        RestorePhases phases,
        Duration runtimeDuration,
        Instant running,
        Duration totalDuration,
        Optional<RestoreStatistics> statistics,
        List<String> warnings) {}

package dev.ctr.agent.migration;

import java.time.Duration;
import java.util.Optional;

/**
 * How far a migration has come.
 *
 * @param phase what is being done: {@code begin}, {@code image}, {@code files}, {@code round}, {@code freeze}, {@code dump}, {@code archive}, {@code
 *     restore}, {@code commit} or, when the target's word is late, {@code asking}
 * @param round which round it is in, or how many there have been; 0 before the first
 * @param bytesSent so far, as they went over the link
 * @param bytesPerSecond how fast they went lately
 * @param dirtyBytesPerSecond how much memory the container changed in a second, by the last round; 0 before the second
 * @param expectedDowntime how long it would stand still if it were frozen now, about; empty before the second round has ended
 * @param elapsed since it began
 */
public record MigrationSnapshot(
        String phase,
        int round,
        long bytesSent,
        long bytesPerSecond,
        long dirtyBytesPerSecond,
        Optional<Duration> expectedDowntime,
        Duration elapsed) {}

package dev.ctr.lifecycle;

import java.time.Instant;
import java.util.Optional;

/**
 * Which lines of a container's log to read.
 *
 * @param follow go on with new lines until the container has ended
 * @param tail only the last so many lines; negative for all
 * @param since only lines from this time on
 * @param until only lines before this time
 */
public record LogOptions(boolean follow, long tail, Optional<Instant> since, Optional<Instant> until) {
    /** Every line there is, without following. */
    public static final LogOptions ALL = new LogOptions(false, -1, Optional.empty(), Optional.empty());

    /** Whether a line is of the time that is asked for. */
    boolean includes(LogLine line) {
        Instant time = line.time().toInstant();
        return since.map(from -> !time.isBefore(from)).orElse(true)
                && until.map(time::isBefore).orElse(true);
    }
}

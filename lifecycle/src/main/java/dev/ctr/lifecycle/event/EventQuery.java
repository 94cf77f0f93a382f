package dev.ctr.lifecycle.event;

import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Which events are wanted.
 *
 * @param since the earliest time, inclusive
 * @param until the latest time, exclusive; when following, the reading ends then
 * @param filter which of them
 * @param follow whether to wait for events that are yet to come; without {@code since} and {@code until} only those are
 *     given, as podman does
 * @param cancelled asked several times a second while following: ends the reading. May be called by the reading thread only
 */
public record EventQuery(
        Optional<Instant> since,
        Optional<Instant> until,
        Predicate<Event> filter,
        boolean follow,
        BooleanSupplier cancelled) {

    /** Everything that the journal holds. */
    public static EventQuery all() {
        return new EventQuery(Optional.empty(), Optional.empty(), event -> true, false, () -> false);
    }

    /** The same for events that pass another filter too. */
    public EventQuery where(Predicate<Event> further) {
        return new EventQuery(since, until, filter.and(further), follow, cancelled);
    }

    /** The same from a time on. */
    public EventQuery from(Instant earliest) {
        return new EventQuery(Optional.of(earliest), until, filter, follow, cancelled);
    }

    /** The same, then waiting for what is yet to come until cancelled. */
    public EventQuery following(BooleanSupplier untilCancelled) {
        return new EventQuery(since, until, filter, true, untilCancelled);
    }

    boolean wants(Event event) {
        return since.filter(event.time()::isBefore).isEmpty()
                && until.filter(end -> !event.time().isBefore(end)).isEmpty()
                && filter.test(event);
    }

    boolean isOver(Instant now) {
        return cancelled.getAsBoolean()
                || until.filter(end -> !now.isBefore(end)).isPresent();
    }

    boolean onlyNew() {
        return follow && since.isEmpty() && until.isEmpty();
    }
}

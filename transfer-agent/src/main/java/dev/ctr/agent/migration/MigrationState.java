package dev.ctr.agent.migration;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How far a migration has come, as one side's journal has it. Each is written down before what it allows is done. */
public enum MigrationState {
    /** Both: the container runs on the source, and nothing that has been done binds anybody. */
    BEGUN,
    /** Target: the container is restored and held; the source decides. */
    HELD,
    /** Source: the container is frozen, and only the target's word may let it go on. */
    GIVEN_AWAY,
    /** Target: the container may run, and is about to. */
    GRANTED,
    /** Target: the container has run. */
    RUNS,
    /** Both: the container runs on the target, and is no more on the source. */
    DONE,
    /** Both: the container never ran on the target, and goes on at the source. */
    CANCELLED;

    /** The word for it in output and in the journal. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether there is nothing left to do. */
    public boolean isFinal() {
        return this == DONE || this == CANCELLED;
    }
}

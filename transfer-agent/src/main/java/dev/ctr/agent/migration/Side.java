package dev.ctr.agent.migration;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** One of the two hosts of a migration. */
public enum Side {
    SOURCE,
    TARGET;

    /** The word for it in output and in the journal. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}

package dev.ctr.lifecycle.check;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.EnumSet;
import java.util.Set;

/**
 * Something that a host has or lacks.
 *
 * @param name its name, such as {@code soft-dirty}; stable, meant for programs
 * @param present whether this host has it
 * @param gives what it is good for, a sentence
 * @param how how to get it, a sentence; empty if it is present
 * @param requiredFor what cannot be done at all without it; not part of the JSON form
 */
public record Feature(
        String name,
        boolean present,
        String gives,
        String how,
        @JsonIgnore Set<Purpose> requiredFor) {
    public Feature {
        requiredFor = Set.copyOf(requiredFor);
        how = present ? "" : how;
    }

    /** Without it nothing works. */
    static Feature required(String name, boolean present, String gives, String how) {
        return new Feature(name, present, gives, how, EnumSet.allOf(Purpose.class));
    }

    /** Without it something is slower, or one option or another is not available. */
    static Feature useful(String name, boolean present, String gives, String how) {
        return new Feature(name, present, gives, how, Set.of());
    }
}

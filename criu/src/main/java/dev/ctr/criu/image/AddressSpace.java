package dev.ctr.criu.image;

import java.util.List;

/**
 * What a process has mapped, and where its command line and environment are.
 *
 * @param program the path of its program, empty if it is not known
 * @param argumentsStart where its command line begins: strings, each ended by a zero
 * @param argumentsEnd the address behind it
 * @param environmentStart where its environment begins: strings, each ended by a zero
 * @param environmentEnd the address behind it
 * @param mappings by ascending address
 */
public record AddressSpace(
        String program,
        long argumentsStart,
        long argumentsEnd,
        long environmentStart,
        long environmentEnd,
        List<Mapping> mappings) {
    /** Makes the list immutable. */
    public AddressSpace {
        mappings = List.copyOf(mappings);
    }
}

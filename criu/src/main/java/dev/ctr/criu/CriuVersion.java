package dev.ctr.criu;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of CRIU, such as 4.2.1.
 *
 * @param major 4
 * @param minor 2
 * @param sublevel 1
 */
public record CriuVersion(int major, int minor, int sublevel) implements Comparable<CriuVersion> {
    private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+)(?:\\.(\\d+))?");
    private static final Comparator<CriuVersion> ORDER = Comparator.comparingInt(CriuVersion::numeric);

    /** The first version in a text, such as the output of {@code criu --version}. */
    public static Optional<CriuVersion> parse(String text) {
        Matcher numbers = NUMBERS.matcher(text);
        if (!numbers.find()) {
            return Optional.empty();
        }
        return Optional.of(new CriuVersion(
                Integer.parseInt(numbers.group(1)),
                Integer.parseInt(numbers.group(2)),
                numbers.group(3) == null ? 0 : Integer.parseInt(numbers.group(3))));
    }

    /** The number that CRIU and runc compare: 40201 for 4.2.1. */
    public int numeric() {
        return major * 10_000 + minor * 100 + sublevel;
    }

    public boolean isAtLeast(int wantedMajor, int wantedMinor) {
        return compareTo(new CriuVersion(wantedMajor, wantedMinor, 0)) >= 0;
    }

    @Override
    public int compareTo(CriuVersion other) {
        return ORDER.compare(this, other);
    }

    /** As CRIU prints it: without a sublevel of 0. */
    @Override
    public String toString() {
        return major + "." + minor + (sublevel == 0 ? "" : "." + sublevel);
    }
}

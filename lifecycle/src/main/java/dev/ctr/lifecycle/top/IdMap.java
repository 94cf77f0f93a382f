package dev.ctr.lifecycle.top;

import java.util.List;

/** A user namespace's numbers (user_namespaces(7), {@code /proc/PID/uid_map}). */
final class IdMap {
    private static final int INSIDE = 0;
    private static final int OUTSIDE = 1;
    private static final int COUNT = 2;

    private final List<long[]> ranges;

    private IdMap(List<long[]> ranges) {
        this.ranges = ranges;
    }

    /** Reads the lines of a map: first number inside, first number outside, how many. */
    static IdMap parse(List<String> lines) {
        return new IdMap(lines.stream().map(IdMap::range).toList());
    }

    private static long[] range(String line) {
        String[] fields = line.strip().split("\\s+", -1);
        return new long[] {
            Long.parseLong(fields[INSIDE]), Long.parseLong(fields[OUTSIDE]), Long.parseLong(fields[COUNT])
        };
    }

    /** The number inside for one of the host; the same where the map has none. */
    long inside(long host) {
        for (long[] range : ranges) {
            if (host >= range[OUTSIDE] && host < range[OUTSIDE] + range[COUNT]) {
                return range[INSIDE] + host - range[OUTSIDE];
            }
        }
        return host;
    }
}

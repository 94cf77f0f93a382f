package dev.ctr.criu.memory;

import java.io.IOException;

/**
 * One line of {@code /proc/PID/maps} (proc_pid_maps(5)).
 *
 * @param start its first address
 * @param end the address behind it
 * @param permissions such as {@code rw-p}
 * @param name the file or the kernel's name for it, such as {@code [heap]}; may be empty
 */
record Mapping(long start, long end, String permissions, String name) {
    private static final int FIELDS = 6;

    static Mapping parse(String line) throws IOException {
        String[] fields = line.split(" +", FIELDS);
        int dash = fields[0].indexOf('-');
        if (dash < 0 || fields.length < FIELDS - 1) {
            throw new IOException("the kernel describes a mapping as \"" + line + "\", which cannot be understood");
        }
        return new Mapping(
                Long.parseUnsignedLong(fields[0].substring(0, dash), 16),
                Long.parseUnsignedLong(fields[0].substring(dash + 1), 16),
                fields[1],
                fields.length == FIELDS ? fields[FIELDS - 1] : "");
    }

    /** Whether its pages are the process's own and can be read: not shared, and not the kernel's clock pages. */
    boolean isReadableAndPrivate() {
        return permissions.startsWith("r") && permissions.endsWith("p") && !name.startsWith("[v");
    }
}

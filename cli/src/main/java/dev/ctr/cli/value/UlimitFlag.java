package dev.ctr.cli.value;

import dev.ctr.lifecycle.ResourceOptions;
import dev.ctr.lifecycle.ResourceOptions.Ulimit;

/** A value of {@code --ulimit}: {@code NAME=SOFT[:HARD]}, or {@code host}. */
public final class UlimitFlag {
    private static final String HOST = "host";

    private UlimitFlag() {}

    /**
     * Parses one; -1 is no limit, and the hard limit is the soft one unless it is given.
     *
     * @throws IllegalArgumentException if it has not that form
     */
    public static Ulimit parse(String text) {
        if (text.equals(HOST)) {
            return new Ulimit(HOST, 0, 0);
        }
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new IllegalArgumentException("ulimit option \"" + text + "\" requires name=SOFT:HARD");
        }
        String[] limits = text.substring(equals + 1).split(":", 2);
        long soft = limit(limits[0], text);
        long hard = limits.length == 1 ? soft : limit(limits[1], text);
        return new Ulimit(text.substring(0, equals), soft, hard);
    }

    private static long limit(String number, String text) {
        if (number.equals("-1") || number.equals("unlimited")) {
            return ResourceOptions.UNLIMITED;
        }
        if (!number.matches("\\d{1,18}")) {
            throw new IllegalArgumentException("ulimit option \"" + text + "\" requires name=SOFT:HARD");
        }
        return Long.parseLong(number);
    }
}

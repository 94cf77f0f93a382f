package dev.ctr.test;

import java.util.List;

/** A program that counts aloud, some twenty times a second: by its log one sees whether it runs and whether it went on. */
final class Ticks {
    private static final String PREFIX = "tick ";
    private static final String SCRIPT = "i=0; while :; do echo tick $i; i=$((i+1)); sleep 0.05; done";

    private Ticks() {}

    /** The program and its arguments. */
    static List<String> command() {
        return List.of("sh", "-c", SCRIPT);
    }

    /** The last number in a log; -1 if there is none. */
    static int last(String log) {
        return log.lines()
                .filter(line -> line.startsWith(PREFIX))
                .mapToInt(line -> Integer.parseInt(line.substring(PREFIX.length())))
                .reduce(-1, (earlier, later) -> later);
    }

    /** Whether every number from 0 to the last stands in the log once and in order. */
    static boolean areComplete(String log) {
        List<String> lines = log.lines().filter(line -> line.startsWith(PREFIX)).toList();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).equals(PREFIX + i)) {
                return false;
            }
        }
        return true;
    }
}

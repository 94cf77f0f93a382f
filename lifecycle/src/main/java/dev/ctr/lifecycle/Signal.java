package dev.ctr.lifecycle;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Signals by name and number; the numbers are those of x86-64 and arm64 Linux (signal(7)). */
public final class Signal {
    public static final int KILL = 9;
    public static final int TERM = 15;

    private static final List<String> NAMES = Arrays.asList(
            ("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG"
                            + " XCPU XFSZ VTALRM PROF WINCH IO PWR SYS")
                    .split(" ", -1));
    private static final int HIGHEST = 64;
    private static final int FIRST_REAL_TIME = 34;

    private Signal() {}

    /**
     * Reads {@code SIGTERM}, {@code TERM}, {@code term}, {@code 15} or {@code RTMIN+3}.
     *
     * @throws EngineException with INVALID_ARGUMENT for anything else
     */
    public static int parse(String text) {
        String name = text.toUpperCase(Locale.ROOT).strip();
        name = name.startsWith("SIG") ? name.substring(3) : name;
        int index = NAMES.indexOf(name);
        if (index >= 0) {
            return index + 1;
        }
        try {
            int number = name.startsWith("RTMIN+")
                    ? FIRST_REAL_TIME + Integer.parseInt(name.substring("RTMIN+".length()))
                    : Integer.parseInt(name);
            if (number > 0 && number <= HIGHEST) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            throw invalid(text);
        }
        throw invalid(text);
    }

    private static EngineException invalid(String text) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, "invalid signal: " + text);
    }
}

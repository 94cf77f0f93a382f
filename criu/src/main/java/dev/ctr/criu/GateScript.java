package dev.ctr.criu;

import java.util.Map;
import java.util.TreeMap;

/**
 * What the action script of a {@link Gate} does, in the language of sh(1). CRIU gives the script its step in {@code
 * CRTOOLS_SCRIPT_ACTION} and goes on when it exits with 0.
 *
 * @param action the step at which it waits, such as {@code post-dump}
 * @param steps what it does at other steps, by their names; the last command's status decides
 * @param whenAlone commands for when the process that made the gate is gone; they set {@code verdict} to 0 or 1
 * @param whenPassed commands for when the verdict is 0, just before CRIU goes on
 */
public record GateScript(String action, Map<String, String> steps, String whenAlone, String whenPassed) {
    /** Waits when a dump is complete, and lets the tasks go on when nobody is there to say otherwise. */
    public static final GateScript DUMP = new GateScript("post-dump", Map.of(), "verdict=1", ":");

    public GateScript {
        steps = Map.copyOf(steps);
    }

    /**
     * The script.
     *
     * @param reached the file to write a line to when the step is reached
     * @param verdict the file to read the verdict from
     */
    String text(String reached, String verdict) {
        StringBuilder others = new StringBuilder();
        new TreeMap<>(steps)
                .forEach((step, commands) ->
                        others.append(step).append(")\n").append(commands).append("\nexit ;;\n"));
        return """
                #!/bin/sh
                case "$CRTOOLS_SCRIPT_ACTION" in
                %s) ;;
                %s*) exit 0 ;;
                esac
                if ! { echo $PPID >%s && read -r verdict <%s; } 2>/dev/null; then
                %s
                fi
                if [ "$verdict" = 0 ]; then
                %s
                fi
                exit "$verdict"
                """.formatted(action, others, reached, verdict, whenAlone, whenPassed);
    }

    /** A word for the shell, whatever is in it. */
    public static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}

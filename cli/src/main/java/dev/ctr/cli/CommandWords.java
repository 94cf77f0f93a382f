package dev.ctr.cli;

import dev.ctr.cli.invocation.GlobalFlags;
import java.util.List;

/**
 * Finds the command on a command line before it is parsed, so that only that command needs to be set up: reading the
 * options of all of them would take longer than most commands run.
 */
final class CommandWords {
    private CommandWords() {}

    /** The command line from the first word that is no global option on; empty if there is none, or an unknown option. */
    static List<String> of(List<String> arguments) {
        int position = 0;
        while (position < arguments.size() && arguments.get(position).startsWith("-")) {
            String option = arguments.get(position);
            boolean withValue = option.indexOf('=') >= 0;
            String name = withValue ? option.substring(0, option.indexOf('=')) : option;
            if (!GlobalFlags.NAMES.contains(name)) {
                return List.of();
            }
            position += withValue ? 1 : 2;
        }
        return position < arguments.size() ? arguments.subList(position, arguments.size()) : List.of();
    }
}

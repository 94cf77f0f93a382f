package dev.ctr.cli;

import dev.ctr.cli.invocation.Suggestion;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what is wrong with a command line, in podman's words and on one line. */
final class ParameterError {
    private ParameterError() {}

    static String sentence(ParameterException error, List<String> arguments) {
        CommandLine command = error.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        String reason = reason(error, command, name, arguments);
        return reason + (reason.endsWith("?") ? " See '" : ". See '") + name + " --help'";
    }

    private static String reason(ParameterException error, CommandLine command, String name, List<String> arguments) {
        if (error instanceof UnmatchedArgumentException unmatched) {
            return unmatched(unmatched, command, name);
        }
        if (error instanceof MissingParameterException missing
                && !missing.getMissing().isEmpty()) {
            return "flag needs an argument: " + spelled(missing.getMissing().get(0), arguments);
        }
        ArgSpec argument = error.getArgSpec();
        if (argument instanceof OptionSpec option) {
            return "invalid argument \"" + error.getValue() + "\" for \"" + String.join(", ", option.names())
                    + "\" flag" + detail(error, option);
        }
        boolean needsCommand = !command.getSubcommands().isEmpty() && argument == null;
        return needsCommand ? "missing command '" + name + " COMMAND'" : String.valueOf(error.getMessage());
    }

    private static String unmatched(UnmatchedArgumentException error, CommandLine command, String name) {
        String word = error.getUnmatched().get(0);
        if (error.isUnknownOption()) {
            return word.startsWith("--")
                    ? unknownFlag(word, command)
                    : "unknown shorthand flag: '" + word.substring(1, 2) + "' in " + word;
        }
        if (command.getSubcommands().isEmpty()) {
            return "`" + name + "` does not take the argument \"" + word + "\"";
        }
        return "unrecognized command `" + name + " " + word + "`"
                + suggestion(word, command.getSubcommands().keySet());
    }

    private static String unknownFlag(String word, CommandLine command) {
        int equals = word.indexOf('=');
        String flag = equals < 0 ? word : word.substring(0, equals);
        List<String> known = command.getCommandSpec().options().stream()
                .map(OptionSpec::longestName)
                .filter(option -> option.startsWith("--"))
                .toList();
        return "unknown flag: " + flag + suggestion(flag, known);
    }

    private static String suggestion(String word, Collection<String> known) {
        return Suggestion.forWord(word, known)
                .map(meant -> ", did you mean `" + meant + "`?")
                .orElse("");
    }

    /** As the user spelled it: {@code --env} or {@code 'e' in -e}. */
    private static String spelled(ArgSpec missing, List<String> arguments) {
        if (!(missing instanceof OptionSpec option)) {
            return missing.paramLabel();
        }
        String last = arguments.isEmpty() ? "" : arguments.get(arguments.size() - 1);
        boolean isShort = last.length() >= 2 && last.charAt(0) == '-' && last.charAt(1) != '-';
        return isShort ? "'" + last.substring(last.length() - 1) + "' in " + last : option.longestName();
    }

    private static String detail(ParameterException error, OptionSpec option) {
        Class<?> type = option.type();
        if (type.isEnum()) {
            return ": it must be "
                    + String.join(" or ", List.of(option.paramLabel().split("\\|")));
        }
        if (Number.class.isAssignableFrom(type) || type == int.class || type == long.class) {
            return ": it must be a number";
        }
        if (type == boolean.class) {
            return ": it must be true or false";
        }
        Throwable cause = error.getCause();
        String message = cause == null ? null : cause.getMessage();
        return message == null ? "" : ": " + message.toLowerCase(Locale.ROOT);
    }
}

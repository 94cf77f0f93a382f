package dev.ctr.cli.host;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Suggestion;
import dev.ctr.cli.invocation.Verb;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ctr help}: explains a command, or lists all. */
@Command(
        name = "help",
        description = "Explain a command, or list all",
        footer = {"", "Examples:", "  ctr help", "  ctr help run", "  ctr help volume create"})
public final class HelpCommand extends Verb {
    @Parameters(paramLabel = "COMMAND", description = "The command")
    private List<String> words = new ArrayList<>();

    private final Supplier<CommandLine> allCommands;

    /** A command that asks for a parser that knows all commands. */
    public HelpCommand(Invocation ctr, Supplier<CommandLine> allCommands) {
        super(ctr);
        this.allCommands = allCommands;
    }

    @Override
    public Integer call() {
        CommandLine command = allCommands.get();
        for (String word : words) {
            CommandLine next = command.getSubcommands().get(word);
            if (next == null) {
                throw new Failure("unrecognized command `"
                        + command.getCommandSpec().qualifiedName() + " " + word + "`"
                        + Suggestion.forWord(word, command.getSubcommands().keySet())
                                .map(meant -> ", did you mean `" + meant + "`?")
                                .orElse(""));
            }
            command = next;
        }
        ctr.output().text(command.getUsageMessage());
        return ExitCode.OK;
    }
}

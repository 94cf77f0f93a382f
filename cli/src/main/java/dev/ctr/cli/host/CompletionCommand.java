package dev.ctr.cli.host;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ctr completion}: prints what makes a shell complete ctr's commands and options. */
@Command(
        name = "completion",
        description = "Print a script that completes commands and options in bash or zsh",
        footer = {
            "",
            "Examples:",
            "  ctr completion bash > /etc/bash_completion.d/ctr",
            "  source <(ctr completion zsh)"
        })
public final class CompletionCommand extends Verb {
    private static final List<String> SHELLS = List.of("bash", "zsh");

    @Parameters(paramLabel = "bash|zsh", hideParamSyntax = true, description = "The shell; the script fits both")
    private List<String> arguments = new ArrayList<>();

    private final Supplier<CommandLine> allCommands;

    /** A command that asks for a parser that knows all commands. */
    public CompletionCommand(Invocation ctr, Supplier<CommandLine> allCommands) {
        super(ctr);
        this.allCommands = allCommands;
    }

    @Override
    public Integer call() {
        if (arguments.size() != 1 || !SHELLS.contains(arguments.get(0))) {
            throw new Failure("give the shell: ctr completion bash or ctr completion zsh");
        }
        ctr.output().text(AutoComplete.bash("ctr", allCommands.get()));
        return ExitCode.OK;
    }
}

package dev.ctr.cli.container;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ctr rename}: gives a container another name. */
@Command(
        name = "rename",
        description = "Give a container another name",
        footer = {"", "Examples:", "  ctr rename web web-old"})
public final class RenameCommand extends Verb {
    @Parameters(paramLabel = "CONTAINER NAME", hideParamSyntax = true, description = "The container and its new name")
    private List<String> arguments = new ArrayList<>();

    public RenameCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (arguments.size() != 2) {
            throw new Failure("accepts 2 arg(s), received " + arguments.size());
        }
        ctr.engine().container(arguments.get(0)).rename(arguments.get(1));
        return ExitCode.OK;
    }
}

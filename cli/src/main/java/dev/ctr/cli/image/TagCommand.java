package dev.ctr.cli.image;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ctr tag}: gives an image further names. */
@Command(
        name = "tag",
        description = "Give an image further names",
        footer = {"", "Examples:", "  ctr tag web registry.example.com/team/web:1", "  ctr tag 0e3bbc2 web:old web:1"})
public final class TagCommand extends Verb {
    @Parameters(paramLabel = "IMAGE NAME...", hideParamSyntax = true, description = "The image and its further names")
    private List<String> arguments = new ArrayList<>();

    public TagCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (arguments.size() < 2) {
            throw new Failure("requires at least 2 arg(s), only received " + arguments.size());
        }
        for (String name : arguments.subList(1, arguments.size())) {
            ctr.engine().images().tag(arguments.get(0), name);
        }
        return ExitCode.OK;
    }
}

package dev.ctr.cli.image;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ctr image exists}: tells by its exit code, 0 or 1, whether there is an image. */
@Command(
        name = "exists",
        description = "Tell by the exit code, 0 or 1, whether there is an image",
        footer = {"", "Examples:", "  ctr image exists web || ctr pull registry.example.com/web"})
public final class ImageExistsCommand extends Verb {
    private static final int MISSING = 1;

    @Parameters(paramLabel = "IMAGE", hideParamSyntax = true, description = "A name or ID")
    private List<String> arguments = new ArrayList<>();

    public ImageExistsCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (arguments.size() != 1) {
            throw new Failure("accepts 1 arg(s), received " + arguments.size());
        }
        return ctr.engine().images().find(arguments.get(0)).isPresent() ? ExitCode.OK : MISSING;
    }
}

package dev.ctr.cli.volume;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ctr volume exists}: tells by its exit code, 0 or 1, whether there is a volume. */
@Command(
        name = "exists",
        description = "Tell by the exit code, 0 or 1, whether there is a volume",
        footer = {"", "Examples:", "  ctr volume exists data || ctr volume create data"})
public final class VolumeExistsCommand extends Verb {
    private static final int MISSING = 1;

    @Parameters(paramLabel = "VOLUME", hideParamSyntax = true, description = "A name")
    private List<String> arguments = new ArrayList<>();

    public VolumeExistsCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (arguments.size() != 1) {
            throw new Failure("accepts 1 arg(s), received " + arguments.size());
        }
        return ctr.engine().volumes().find(arguments.get(0)).isPresent() ? ExitCode.OK : MISSING;
    }
}

package dev.ctr.cli.pod;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.EngineException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ctr pod exists}: exit code 0 if there is such a pod, 1 if not. */
@Command(
        name = "exists",
        description = "Tell by the exit code whether there is such a pod",
        footer = {"", "Examples:", "  ctr pod exists web"})
public final class PodExistsCommand extends Verb {
    private static final int NO = 1;

    @Parameters(paramLabel = "POD", description = "Its name, ID or an unambiguous beginning of its ID")
    private String name = "";

    public PodExistsCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        try {
            ctr.engine().pod(name);
            return ExitCode.OK;
        } catch (EngineException e) {
            if (e.code() == EngineException.Code.NO_SUCH_POD) {
                return NO;
            }
            throw e;
        }
    }
}

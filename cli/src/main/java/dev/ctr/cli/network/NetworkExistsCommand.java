package dev.ctr.cli.network;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.EngineException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ctr network exists}: tells by its exit code, 0 or 1, whether a network exists. */
@Command(
        name = "exists",
        description = "Exit with 0 if a network exists, else with 1",
        footer = {"", "Examples:", "  ctr network exists backend || ctr network create backend"})
public final class NetworkExistsCommand extends Verb {
    private static final int NO = 1;

    @Parameters(paramLabel = "NETWORK", description = "Its name or ID")
    private String name = "";

    public NetworkExistsCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        try {
            ctr.engine().networks().find(name);
            return ExitCode.OK;
        } catch (EngineException e) {
            if (e.code() == EngineException.Code.NO_SUCH_NETWORK) {
                return NO;
            }
            throw e;
        }
    }
}

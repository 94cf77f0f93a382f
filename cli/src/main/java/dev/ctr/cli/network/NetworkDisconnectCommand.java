package dev.ctr.cli.network;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.EngineException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr network disconnect}: takes a container off a network. */
@Command(
        name = "disconnect",
        description = "Take a container, running or not, off a network",
        footer = {"", "Examples:", "  ctr network disconnect backend web"})
public final class NetworkDisconnectCommand extends Verb {
    @Option(
            names = {"-f", "--force"},
            description = "Do not fail if there is no such container")
    private boolean force;

    @Parameters(index = "0", paramLabel = "NETWORK", description = "A network's name or ID")
    private String network = "";

    @Parameters(index = "1", paramLabel = "CONTAINER", description = "A container's name or ID")
    private String container = "";

    public NetworkDisconnectCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        try {
            ctr.engine().container(container).networkDisconnect(network);
        } catch (EngineException e) {
            if (!force || e.code() != EngineException.Code.NO_SUCH_CONTAINER) {
                throw e;
            }
        }
        return ExitCode.OK;
    }
}

package dev.ctr.cli.network;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.EngineException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr network rm}: removes networks. Exit code 1 if one does not exist, 2 if one is in use. */
@Command(
        name = "rm",
        description = "Remove networks",
        footer = {"", "Examples:", "  ctr network rm backend", "  ctr network rm --force --time 0 backend"})
public final class NetworkRmCommand extends Verb {
    @Option(
            names = {"-f", "--force"},
            description = "Remove the containers that use it too")
    private boolean force;

    @Option(
            names = {"-t", "--time"},
            paramLabel = "SECONDS",
            description = "How long such containers may take to stop before they are killed")
    private @Nullable Integer seconds;

    @Parameters(paramLabel = "NETWORK", description = "Names or IDs")
    private List<String> names = new ArrayList<>();

    public NetworkRmCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (names.isEmpty()) {
            throw new Failure("requires at least 1 arg(s), only received 0");
        }
        if (seconds != null && !force) {
            throw new Failure("--force option must be specified to use the --time option");
        }
        return ctr.each(names, this::remove, ExitCode::ofRemoval);
    }

    private void remove(String name) {
        try {
            if (force) {
                Optional<Duration> timeout = Optional.ofNullable(seconds).map(Duration::ofSeconds);
                String network = ctr.engine().networks().find(name);
                ctr.engine().usersOfNetwork(network).forEach(user -> user.remove(true, false, timeout));
            }
            ctr.engine().removeNetwork(name);
            ctr.output().line(name).flush();
        } catch (EngineException e) {
            if (!force || e.code() != EngineException.Code.NO_SUCH_NETWORK) {
                throw e;
            }
        }
    }
}

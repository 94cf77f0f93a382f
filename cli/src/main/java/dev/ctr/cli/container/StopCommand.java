package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.EngineException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctr stop}: asks containers to end, and makes those that do not. */
@Command(
        name = "stop",
        description = "Stop containers",
        footer = {"", "Examples:", "  ctr stop web", "  ctr stop --time 2 web db", "  ctr stop --all"})
public final class StopCommand extends Verb {
    private static final Set<ContainerStatus> ENDED = EnumSet.of(ContainerStatus.STOPPED, ContainerStatus.EXITED);
    private static final Set<ContainerStatus> STOPPABLE =
            EnumSet.of(ContainerStatus.CREATED, ContainerStatus.RUNNING, ContainerStatus.STOPPING);

    @Option(
            names = {"-t", "--time"},
            paramLabel = "SECONDS",
            description = "How long to wait before killing; by default what the container says")
    private @Nullable Integer time;

    @Option(
            names = {"-i", "--ignore"},
            description = "Pass over containers that do not exist")
    private boolean ignore;

    @Mixin
    private Selection selection = new Selection();

    public StopCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        Optional<Duration> timeout = Optional.ofNullable(time).map(Duration::ofSeconds);
        return ctr.each(
                selection.targets(
                        ctr.engine(),
                        container -> STOPPABLE.contains(container.state().status())),
                target -> {
                    Optional<Container> container = find(target);
                    if (container.isPresent()) {
                        stop(container.get(), timeout);
                        ctr.output().line(target.shown()).flush();
                    }
                });
    }

    private Optional<Container> find(Target target) {
        try {
            return Optional.of(target.container());
        } catch (EngineException e) {
            if (ignore && e.code() == EngineException.Code.NO_SUCH_CONTAINER) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static void stop(Container container, Optional<Duration> timeout) {
        if (!ENDED.contains(container.state().status())) {
            container.stop(timeout);
        }
    }
}

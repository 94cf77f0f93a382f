package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.ContainerStatus;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctr restart}: stops containers that run, and starts them. */
@Command(
        name = "restart",
        description = "Stop containers if they run, and start them",
        footer = {"", "Examples:", "  ctr restart web", "  ctr restart --time 2 web db", "  ctr restart --running"})
public final class RestartCommand extends Verb {
    @Option(
            names = {"-t", "--time"},
            paramLabel = "SECONDS",
            description = "How long to wait before killing; by default what the container says")
    private @Nullable Integer time;

    @Option(names = "--running", description = "All containers that run")
    private boolean running;

    @Mixin
    private Selection selection = new Selection();

    public RestartCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        Optional<Duration> timeout = Optional.ofNullable(time).map(Duration::ofSeconds);
        if (time != null && time < 0) {
            throw new Failure("the time to wait cannot be negative");
        }
        return ctr.each(
                running
                        ? Target.all(
                                ctr.engine(), container -> container.state().status() == ContainerStatus.RUNNING)
                        : selection.targets(ctr.engine(), container -> true),
                target -> {
                    target.container().restart(timeout);
                    ctr.output().line(target.shown()).flush();
                });
    }
}

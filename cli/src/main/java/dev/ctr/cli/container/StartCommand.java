package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.terminal.Attachment;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr start}: starts containers, or one with its streams connected. */
@Command(
        name = "start",
        description = "Start containers",
        footer = {"", "Examples:", "  ctr start web db", "  ctr start --attach job", "  ctr start --all"})
public final class StartCommand extends Verb {
    private static final Set<ContainerStatus> RUNNING = EnumSet.of(ContainerStatus.RUNNING, ContainerStatus.PAUSED);

    @Option(
            names = {"-a", "--attach"},
            description = "Connect its output, wait for its end and return its exit code")
    private boolean attach;

    @Option(
            names = {"-i", "--interactive"},
            description = "Connect standard input too")
    private boolean interactive;

    @Option(
            names = "--sig-proxy",
            defaultValue = "true",
            fallbackValue = "true",
            description = "Pass signals on to the container when attached (default: true)")
    private boolean signalProxy = true;

    @Mixin
    private DetachKeysFlag detachKeys = new DetachKeysFlag();

    @Option(names = "--all", description = "All containers that do not run")
    private boolean all;

    @Option(
            names = {"-l", "--latest"},
            description = "The container that was created last")
    private boolean latest;

    @Parameters(paramLabel = "CONTAINER", description = "Names, IDs or unambiguous beginnings of IDs")
    private List<String> names = new ArrayList<>();

    public StartCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        check();
        if (attach || (interactive && !all)) {
            return attached(targets().get(0).container());
        }
        return ctr.each(targets(), target -> {
            Container container = target.container();
            if (container.state().status() != ContainerStatus.RUNNING) {
                container.start();
            }
            ctr.output().line(target.shown()).flush();
        });
    }

    private void check() {
        if (names.isEmpty() && !latest && !all) {
            throw new Failure("start requires at least one argument");
        }
        if (all && (latest || !names.isEmpty())) {
            throw new Failure("either start all containers or the container(s) provided in the arguments");
        }
        if (latest && !names.isEmpty()) {
            throw new Failure("--latest and containers cannot be used together");
        }
        if (attach && (all || names.size() > 1)) {
            throw new Failure("you cannot start and attach multiple containers at once");
        }
    }

    private List<Target> targets() {
        if (all) {
            return Target.all(
                    ctr.engine(),
                    container -> !RUNNING.contains(container.state().status()));
        }
        if (latest) {
            return List.of(Target.latest(ctr.engine()));
        }
        return names.stream().map(name -> Target.named(ctr.engine(), name)).toList();
    }

    private int attached(Container container) {
        Attachment attachment = Attachment.of(ctr)
                .terminal(container.config().terminal())
                .input(interactive)
                .detachKeys(detachKeys.keys())
                .passSignalsTo(signalProxy ? container::kill : Attachment.NO_SIGNALS);
        return attachment.run(container::startAndAttach);
    }
}

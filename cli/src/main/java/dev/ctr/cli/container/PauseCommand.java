package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.ContainerStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ctr pause}: freezes containers' processes. */
@Command(
        name = "pause",
        description = "Pause the processes of containers",
        footer = {"", "Examples:", "  ctr pause web", "  ctr pause --all"})
public final class PauseCommand extends Verb {
    @Mixin
    private Selection selection = new Selection();

    public PauseCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        return ctr.each(
                selection.targets(ctr.engine(), container -> container.state().status() == ContainerStatus.RUNNING),
                target -> {
                    target.container().pause();
                    ctr.output().line(target.shown()).flush();
                });
    }
}

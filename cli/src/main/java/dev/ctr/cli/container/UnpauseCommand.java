package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.ContainerStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ctr unpause}: thaws containers' processes. */
@Command(
        name = "unpause",
        description = "Let paused containers go on",
        footer = {"", "Examples:", "  ctr unpause web", "  ctr unpause --all"})
public final class UnpauseCommand extends Verb {
    @Mixin
    private Selection selection = new Selection();

    public UnpauseCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        return ctr.each(
                selection.targets(ctr.engine(), container -> container.state().status() == ContainerStatus.PAUSED),
                target -> {
                    target.container().unpause();
                    ctr.output().line(target.shown()).flush();
                });
    }
}

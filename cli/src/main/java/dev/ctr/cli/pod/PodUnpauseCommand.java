package dev.ctr.cli.pod;

import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.Pod;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ctr pod unpause}: lets the paused containers of pods go on. Pods without any are passed over. */
@Command(
        name = "unpause",
        description = "Let the paused containers of pods go on",
        footer = {"", "Examples:", "  ctr pod unpause web", "  ctr pod unpause --all"})
public final class PodUnpauseCommand extends Verb {
    @Mixin
    private PodSelection selection = new PodSelection();

    public PodUnpauseCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        return ctr.each(selection.targets(ctr.engine()), target -> {
            Pod pod = target.pod();
            if (pod.containers().stream().anyMatch(PodUnpauseCommand::isPaused)) {
                pod.unpause();
                ctr.output().line(pod.id().hex()).flush();
            }
        });
    }

    private static boolean isPaused(Container container) {
        return container.state().status() == ContainerStatus.PAUSED;
    }
}

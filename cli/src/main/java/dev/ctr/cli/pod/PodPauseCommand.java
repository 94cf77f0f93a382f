package dev.ctr.cli.pod;

import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.Pod;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ctr pod pause}: freezes the containers of pods. */
@Command(
        name = "pause",
        description = "Pause the containers of pods",
        footer = {"", "Examples:", "  ctr pod pause web", "  ctr pod pause --all"})
public final class PodPauseCommand extends Verb {
    @Mixin
    private PodSelection selection = new PodSelection();

    public PodPauseCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        return ctr.each(selection.targets(ctr.engine()), target -> {
            Pod pod = target.pod();
            pod.pause();
            ctr.output().line(pod.id().hex()).flush();
        });
    }
}

package dev.ctr.cli.pod;

import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.Pod;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ctr pod start}: starts the containers of pods. */
@Command(
        name = "start",
        description = "Start the containers of pods",
        footer = {"", "Examples:", "  ctr pod start web", "  ctr pod start --all"})
public final class PodStartCommand extends Verb {
    @Mixin
    private PodSelection selection = new PodSelection();

    public PodStartCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        return ctr.each(selection.targets(ctr.engine()), target -> {
            Pod pod = target.pod();
            pod.start();
            ctr.output().line(pod.id().hex()).flush();
        });
    }
}

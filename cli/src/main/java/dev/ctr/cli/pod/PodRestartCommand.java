package dev.ctr.cli.pod;

import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.Pod;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ctr pod restart}: stops pods and starts them again. */
@Command(
        name = "restart",
        description = "Stop pods and start them again",
        footer = {"", "Examples:", "  ctr pod restart web", "  ctr pod restart --all"})
public final class PodRestartCommand extends Verb {
    @Mixin
    private PodSelection selection = new PodSelection();

    public PodRestartCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        return ctr.each(selection.targets(ctr.engine()), target -> {
            Pod pod = target.pod();
            pod.restart();
            ctr.output().line(pod.id().hex()).flush();
        });
    }
}

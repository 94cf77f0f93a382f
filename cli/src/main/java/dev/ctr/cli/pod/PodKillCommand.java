package dev.ctr.cli.pod;

import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.Pod;
import dev.ctr.lifecycle.Signal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctr pod kill}: sends a signal to the first processes of the containers of pods. */
@Command(
        name = "kill",
        description = "Send a signal to the containers of pods, by default KILL",
        footer = {"", "Examples:", "  ctr pod kill web", "  ctr pod kill --signal TERM web"})
public final class PodKillCommand extends Verb {
    @Option(
            names = {"-s", "--signal"},
            paramLabel = "SIGNAL",
            defaultValue = "KILL",
            description = "The signal's name or number (default: KILL)")
    private String signal = "KILL";

    @Mixin
    private PodSelection selection = new PodSelection();

    public PodKillCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        int number = Signal.parse(signal);
        return ctr.each(selection.targets(ctr.engine()), target -> {
            Pod pod = target.pod();
            pod.kill(number);
            ctr.output().line(pod.id().hex()).flush();
        });
    }
}

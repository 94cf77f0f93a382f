package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.Signal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctr kill}: sends a signal to containers' first processes. */
@Command(
        name = "kill",
        description = "Send a signal to containers, by default KILL",
        footer = {"", "Examples:", "  ctr kill web", "  ctr kill --signal HUP web", "  ctr kill -s 10 web db"})
public final class KillCommand extends Verb {
    @Option(
            names = {"-s", "--signal"},
            paramLabel = "SIGNAL",
            defaultValue = "KILL",
            description = "The signal's name or number (default: KILL)")
    private String signal = "KILL";

    @Mixin
    private Selection selection = new Selection();

    public KillCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        int number = Signal.parse(signal);
        return ctr.each(
                selection.targets(ctr.engine(), container -> container.state().status() == ContainerStatus.RUNNING),
                target -> {
                    target.container().kill(number);
                    ctr.output().line(target.shown()).flush();
                });
    }
}

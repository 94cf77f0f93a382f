package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.ContainerStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ctr init}: makes containers ready to start. */
@Command(
        name = "init",
        description = "Make containers in the runtime without starting them",
        footer = {"", "Examples:", "  ctr init web", "  ctr init --all"})
public final class InitCommand extends Verb {
    @Mixin
    private Selection selection = new Selection();

    public InitCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        return ctr.each(
                selection.targets(ctr.engine(), container -> container.state().status() == ContainerStatus.CONFIGURED),
                target -> {
                    target.container().init();
                    ctr.output().line(target.shown()).flush();
                });
    }
}

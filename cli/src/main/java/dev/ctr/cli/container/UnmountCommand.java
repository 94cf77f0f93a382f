package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctr unmount}: takes back what {@code ctr mount} did. */
@Command(
        name = "unmount",
        description = "Take back one mount of containers' root file systems; the last one unmounts",
        footer = {"", "Examples:", "  ctr unmount web", "  ctr unmount --force web", "  ctr unmount --all"})
public final class UnmountCommand extends Verb {
    @Option(
            names = {"-f", "--force"},
            description = "Take all mounts back")
    private boolean force;

    @Mixin
    private Selection selection = new Selection();

    public UnmountCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        return ctr.each(
                selection.targets(ctr.engine(), container -> container.state().mounts() > 0), target -> {
                    target.container().unmount(force);
                    ctr.output().line(target.shown()).flush();
                });
    }
}

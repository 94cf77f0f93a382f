package dev.ctr.cli.container;

import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctr cleanup}: releases what an ended container still holds. conmon runs it when a container ends. */
@Command(
        name = "cleanup",
        description = "Release mounts, network and runtime state of containers that have ended",
        footer = {"", "Examples:", "  ctr cleanup web", "  ctr cleanup --all", "  ctr cleanup --rm web"})
public final class CleanupCommand extends Verb {
    private static final Set<ContainerStatus> ENDED = EnumSet.of(ContainerStatus.STOPPED, ContainerStatus.EXITED);

    @Option(names = "--rm", description = "Remove the container afterwards")
    private boolean remove;

    @Option(names = "--exec", paramLabel = "SESSION", description = "Only forget this exec session, which has ended")
    private @Nullable String exec;

    @Option(names = "--stopped-only", description = "Leave those alone that were started again meanwhile")
    private boolean stoppedOnly;

    @Mixin
    private Selection selection = new Selection();

    public CleanupCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        return ctr.each(
                selection.targets(
                        ctr.engine(),
                        container -> ENDED.contains(container.state().status())),
                target -> {
                    Container container = target.container();
                    if (exec != null) {
                        container.cleanupExec(exec);
                    } else if (remove) {
                        container.cleanupAndRemove();
                    } else if (stoppedOnly) {
                        container.cleanupStopped();
                    } else {
                        container.cleanup();
                    }
                    ctr.output().line(target.shown()).flush();
                });
    }
}

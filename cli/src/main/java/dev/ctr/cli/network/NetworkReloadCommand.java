package dev.ctr.cli.network;

import dev.ctr.cli.container.Selection;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ctr network reload}: makes containers' packet filter rules anew. */
@Command(
        name = "reload",
        description = "Make the packet filter rules of running containers anew, as after the firewall was flushed",
        footer = {"", "Examples:", "  ctr network reload web", "  ctr network reload --all"})
public final class NetworkReloadCommand extends Verb {
    private static final Set<ContainerStatus> WITH_NETWORK = Set.of(ContainerStatus.CREATED, ContainerStatus.RUNNING);

    @Mixin
    private Selection selection = new Selection();

    public NetworkReloadCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        return ctr.each(selection.targets(ctr.engine(), NetworkReloadCommand::hasRules), target -> {
            Container container = target.container();
            container.reloadNetwork();
            ctr.output().line(container.id().hex()).flush();
        });
    }

    private static boolean hasRules(Container container) {
        return WITH_NETWORK.contains(container.state().status())
                && container.config().networkMode().equals("bridge");
    }
}

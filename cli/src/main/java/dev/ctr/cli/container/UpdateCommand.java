package dev.ctr.cli.container;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ResourceOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ctr update}: changes what a container may use. */
@Command(
        name = "update",
        description = "Change a container's limits, at once and for later starts",
        footer = {"", "Examples:", "  ctr update -m 512m --cpus 1.5 web", "  ctr update --pids-limit -1 web"})
public final class UpdateCommand extends Verb {
    @Mixin
    private CgroupFlags limits = new CgroupFlags();

    @Parameters(paramLabel = "CONTAINER", description = "The container's name or ID")
    private String name = "";

    public UpdateCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        ResourceOptions changes = new ResourceOptions();
        limits.addTo(changes);
        Container container = ctr.engine().container(name);
        container.update(changes).forEach(ctr::warn);
        ctr.output().line(container.id().hex());
        return ExitCode.OK;
    }
}

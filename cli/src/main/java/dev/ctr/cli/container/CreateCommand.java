package dev.ctr.cli.container;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ctr create}: makes a container without starting it. */
@Command(
        name = "create",
        description = "Create a container without starting it",
        footer = {
            "",
            "Examples:",
            "  ctr create --name web -p 8080:80 nginx",
            "  ctr create --rootfs /srv/alpine:O sleep 1000"
        })
public final class CreateCommand extends Verb {
    @Mixin
    private CreateFlags flags = new CreateFlags();

    public CreateCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        ctr.output().line(NewContainer.create(ctr, flags).id().hex());
        return ExitCode.OK;
    }
}

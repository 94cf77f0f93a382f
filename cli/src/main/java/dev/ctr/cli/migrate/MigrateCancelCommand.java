package dev.ctr.cli.migrate;

import dev.ctr.agent.migration.Migrations;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ctr migrate cancel}: has a migration given up. */
@Command(
        name = "cancel",
        description = "Give a migration from this host up: its container goes on here",
        footer = {"", "Examples:", "  ctr migrate cancel 3f0a"})
public final class MigrateCancelCommand extends Verb {
    @Parameters(paramLabel = "ID", description = "The migration, or the beginning of its ID")
    private String id = "";

    public MigrateCancelCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        Migrations migrations = new Migrations(ctr.engine());
        migrations.cancel(migrations.find(id));
        return ExitCode.OK;
    }
}

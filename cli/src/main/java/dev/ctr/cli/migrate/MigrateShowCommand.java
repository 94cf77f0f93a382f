package dev.ctr.cli.migrate;

import dev.ctr.agent.migration.MigrationRecord;
import dev.ctr.agent.migration.Migrations;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.JsonText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ctr migrate show}: what is known of a migration. */
@Command(
        name = "show",
        description = "Print what is known of a migration, as JSON",
        footer = {"", "Examples:", "  ctr migrate show 3f0a"})
public final class MigrateShowCommand extends Verb {
    private static final int INDENTATION = 2;

    @Parameters(paramLabel = "ID", description = "The migration, or the beginning of its ID")
    private String id = "";

    public MigrateShowCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        Migrations migrations = new Migrations(ctr.engine());
        MigrationRecord entry = migrations.find(id);
        ctr.output().line(JsonText.indented(MigrationJson.of(entry, migrations.isInDoubt(entry)), INDENTATION));
        return ExitCode.OK;
    }
}

package dev.ctr.cli.migrate;

import dev.ctr.agent.migration.MigrationRecord;
import dev.ctr.agent.migration.Migrations;
import dev.ctr.agent.migration.Side;
import dev.ctr.cli.agent.IdentityFlags;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr migrate resolve}: settles a migration whose process died. */
@Command(
        name = "resolve",
        description = "Settle a migration whose process died, by the other host's word or by yours",
        footer = {"", "Examples:", "  ctr migrate resolve 3f0a", "  ctr migrate resolve 3f0a --to source"})
public final class MigrateResolveCommand extends Verb {
    @Parameters(paramLabel = "ID", description = "The migration, or the beginning of its ID")
    private String id = "";

    @Option(
            names = "--to",
            paramLabel = "source|target",
            description =
                    "Where it is to run if the other host cannot be asked; be sure that it does not run elsewhere")
    private @Nullable Side to;

    @Mixin
    private IdentityFlags identity = new IdentityFlags();

    public MigrateResolveCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        Migrations migrations = new Migrations(ctr.engine());
        MigrationRecord entry = migrations.find(id);
        boolean asks = to == null && entry.side() == Side.SOURCE;
        MigrationRecord settled = migrations.resolve(
                entry,
                Optional.ofNullable(to),
                asks ? Optional.of(identity.identity(ctr.settings().agent())) : Optional.empty());
        ctr.output().line(settled.state().word());
        return ExitCode.OK;
    }
}

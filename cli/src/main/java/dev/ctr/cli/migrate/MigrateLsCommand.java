package dev.ctr.cli.migrate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.agent.migration.MigrationRecord;
import dev.ctr.agent.migration.Migrations;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.HumanTime;
import dev.ctr.cli.output.Report;
import java.time.Instant;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ctr migrate ls}: lists migrations from and to this host. */
@Command(
        name = "ls",
        description = "List the migrations from and to this host",
        footer = {"", "Examples:", "  ctr migrate ls", "  ctr migrate ls --format json"})
public final class MigrateLsCommand extends Verb {
    private static final Report REPORT = new Report(
            "{{.ID}}\\t{{.Side}}\\t{{.Name}}\\t{{.Peer}}\\t{{.State}}\\t{{.Begun}}\\t{{.Reason}}",
            Map.of(
                    "ID",
                    "MIGRATION",
                    "Side",
                    "SIDE",
                    "Name",
                    "NAME",
                    "Peer",
                    "PEER",
                    "State",
                    "STATE",
                    "Begun",
                    "BEGUN",
                    "Reason",
                    "REASON"));

    @Option(names = "--format", paramLabel = "json|TEMPLATE", description = "Print JSON or fill in a Go template")
    private String format = "";

    @Option(
            names = {"-n", "--noheading"},
            description = "Without a heading")
    private boolean withoutHeading;

    public MigrateLsCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        Migrations migrations = new Migrations(ctr.engine());
        ctr.output()
                .text(REPORT.render(
                        migrations.list().stream()
                                .map(entry -> row(entry, migrations.isInDoubt(entry)))
                                .toList(),
                        new Report.Style(format, !withoutHeading)));
        return ExitCode.OK;
    }

    private static Report.Row row(MigrationRecord entry, boolean inDoubt) {
        ObjectNode json = MigrationJson.of(entry, inDoubt);
        ObjectNode fields = json.deepCopy();
        fields.put("ID", entry.migration().abbreviated());
        fields.put("Side", entry.side().word());
        fields.put("Name", entry.name());
        fields.put("Peer", entry.peer());
        fields.put(
                "State",
                inDoubt ? entry.state().word() + " (in doubt)" : entry.state().word());
        fields.put("Begun", HumanTime.ago(entry.begun(), Instant.now()));
        fields.put("Reason", entry.reason());
        return new Report.Row(json, fields);
    }
}

package dev.ctr.cli.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.agent.AgentChannel;
import dev.ctr.agent.AgentClient;
import dev.ctr.cli.container.SummaryRow;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.Printable;
import dev.ctr.cli.output.Report;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctr agent ps}: lists the containers of another host. */
@Command(
        name = "ps",
        description = "List the containers of another host, as `ctr ps -a` does there",
        footer = {"", "Examples:", "  ctr agent ps host-b:7443", "  ctr agent ps --format '{{.Names}}' host-b:7443"})
public final class AgentPsCommand extends Verb {
    @Mixin
    private AgentFlags agent = new AgentFlags();

    @Option(names = "--format", paramLabel = "json|TEMPLATE", description = "Print JSON or fill in a Go template")
    private String format = "";

    @Option(names = "--no-trunc", description = "Whole IDs and commands")
    private boolean whole;

    @Option(names = "--noheading", description = "Without a heading")
    private boolean withoutHeading;

    public AgentPsCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        try (AgentChannel channel = agent.connect(ctr)) {
            Instant now = Instant.now();
            List<Report.Row> rows = new AgentClient(channel)
                    .containers().stream()
                            .map(container -> new SummaryRow(container, "", Optional.empty(), now).toRow(!whole))
                            .map(AgentPsCommand::harmless)
                            .toList();
            ctr.output().text(SummaryRow.REPORT.render(rows, new Report.Style(format, !withoutHeading)));
        }
        return ExitCode.OK;
    }

    /** Another host's names and commands must not command this terminal. */
    private static Report.Row harmless(Report.Row row) {
        ObjectNode fields = row.fields().deepCopy();
        row.fields().fieldNames().forEachRemaining(name -> {
            if (row.fields().path(name).isTextual()) {
                fields.put(name, Printable.of(row.fields().path(name).asText()));
            }
        });
        row.json()
                .path("Labels")
                .properties()
                .forEach(label -> fields.withObject("/Labels")
                        .put(label.getKey(), Printable.of(label.getValue().asText())));
        return new Report.Row(row.json(), fields);
    }
}

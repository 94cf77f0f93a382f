package dev.ctr.cli.archive;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.archive.Identities;
import dev.ctr.archive.inspect.CheckpointOverview;
import dev.ctr.archive.inspect.CheckpointOverview.Network;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.HumanSize;
import dev.ctr.cli.output.Printable;
import dev.ctr.cli.output.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr archive show}: tells of archives what they hold, a line each. */
@Command(
        name = "show",
        description = "Tell what checkpoint archives hold, a line each",
        footer = {
            "",
            "Archives of podman's can be shown too. - is standard input.",
            "",
            "Examples:",
            "  ctr archive show web.tar.zst",
            "  ctr archive show *.tar.zst --format json",
            "  ctr archive show web.tar.zst --format '{{.ID}} {{.Created}}'"
        })
public final class ArchiveShowCommand extends Verb {
    private static final int SHORT_ID = 12;
    private static final Report REPORT = new Report(
            "{{.Container}}\\t{{.Image}}\\t{{.ID}}\\t{{.Runtime}}\\t{{.Created}}\\t{{.Engine}}\\t{{.IP}}"
                    + "\\t{{.CheckpointSize}}\\t{{.RootFsDiffSize}}",
            Map.of("CheckpointSize", "CHKPT SIZE", "RootFsDiffSize", "ROOT FS DIFF SIZE"));

    @Option(names = "--format", paramLabel = "json|TEMPLATE", description = "Print JSON or fill in a Go template")
    private String format = "";

    @Option(
            names = {"-n", "--noheading"},
            description = "Without a heading")
    private boolean withoutHeading;

    @Mixin
    private IdentityFlag identity = new IdentityFlag();

    @Parameters(paramLabel = "FILE", hideParamSyntax = true, description = "The archives")
    private List<String> files = new ArrayList<>();

    public ArchiveShowCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (files.isEmpty()) {
            throw new Failure("requires at least 1 arg(s), only received 0");
        }
        Identities identities = identity.identities();
        List<Report.Row> rows = new ArrayList<>();
        int exitCode = ctr.each(files, file -> {
            try (ArchiveArgument archive = ArchiveArgument.open(ctr, file, identities)) {
                rows.add(row(archive.read(CheckpointOverview::read)));
            }
        });
        if (!rows.isEmpty()) {
            ctr.output().text(Printable.json(REPORT.render(rows, new Report.Style(format, !withoutHeading))));
        }
        return exitCode;
    }

    private static Report.Row row(CheckpointOverview overview) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        fields.put("Container", Printable.of(overview.container()))
                .put("Image", Printable.of(overview.image()))
                .put("ID", Printable.of(shortened(overview.id())))
                .put("Runtime", Printable.of(overview.runtime()))
                .put("Created", Printable.of(overview.created()))
                .put("Engine", Printable.of(overview.engine()))
                .put(
                        "IP",
                        Printable.of(joined(overview.networks().stream()
                                .map(Network::address)
                                .toList())))
                .put(
                        "MAC",
                        Printable.of(joined(
                                overview.networks().stream().map(Network::mac).toList())))
                .put("CheckpointSize", HumanSize.of(overview.checkpointBytes()))
                .put("RootFsDiffSize", HumanSize.of(overview.rootfsBytes()));
        return new Report.Row(CheckpointJson.overview(overview), fields);
    }

    private static String joined(List<String> values) {
        return values.stream().filter(value -> !value.isEmpty()).distinct().collect(Collectors.joining(","));
    }

    private static String shortened(String id) {
        return id.substring(0, Math.min(SHORT_ID, id.length()));
    }
}

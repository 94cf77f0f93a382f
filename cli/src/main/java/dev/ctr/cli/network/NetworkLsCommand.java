package dev.ctr.cli.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.Report;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr network ls}: lists networks. */
@Command(
        name = "ls",
        description = "List networks",
        footer = {
            "",
            "Examples:",
            "  ctr network ls",
            "  ctr network ls -q --filter label=tier=db",
            "  ctr network ls --format '{{.Name}} {{.Driver}}'"
        })
public final class NetworkLsCommand extends Verb {
    private static final int SHORT_ID = 12;
    private static final Report REPORT = new Report(
            "{{.ID}}\\t{{.Name}}\\t{{.Driver}}", Map.of("ID", "NETWORK ID", "Name", "NAME", "Driver", "DRIVER"));

    @Option(
            names = {"-q", "--quiet"},
            description = "Only names")
    private boolean quiet;

    @Option(
            names = {"-f", "--filter"},
            paramLabel = "KEY=VALUE",
            description = "Only those that fit: name, id, driver, label, until, dangling")
    private List<String> filters = new ArrayList<>();

    @Option(names = "--format", paramLabel = "json|TEMPLATE", description = "Print JSON or fill in a Go template")
    private String format = "";

    @Option(names = "--no-trunc", description = "Whole IDs")
    private boolean whole;

    @Option(
            names = {"-n", "--noheading"},
            description = "Without a heading")
    private boolean withoutHeading;

    @Parameters(hidden = true)
    private List<String> arguments = new ArrayList<>();

    public NetworkLsCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (!arguments.isEmpty()) {
            throw new Failure("`ctr network ls` takes no arguments");
        }
        List<ObjectNode> networks = ctr.engine().networks().list().stream()
                .filter(NetworkFilter.parse(filters, ctr.engine()))
                .sorted(Comparator.comparing(network -> network.path("name").asText()))
                .toList();
        if (quiet) {
            networks.forEach(network -> ctr.output().line(network.path("name").asText()));
        } else {
            ctr.output()
                    .text(REPORT.render(
                            networks.stream().map(this::row).toList(), new Report.Style(format, !withoutHeading)));
        }
        return ExitCode.OK;
    }

    private Report.Row row(ObjectNode network) {
        String id = network.path("id").asText();
        ObjectNode fields = network.deepCopy();
        fields.put("ID", whole ? id : id.substring(0, SHORT_ID));
        fields.set("Name", network.path("name"));
        fields.set("Driver", network.path("driver"));
        fields.set("NetworkInterface", network.path("network_interface"));
        fields.set("Created", network.path("created"));
        fields.set("Subnets", network.path("subnets"));
        fields.set("IPv6Enabled", network.path("ipv6_enabled"));
        fields.set("Internal", network.path("internal"));
        fields.set("DNSEnabled", network.path("dns_enabled"));
        fields.put("Labels", pairs(network.path("labels")));
        fields.put("Options", pairs(network.path("options")));
        return new Report.Row(network, fields);
    }

    private static String pairs(JsonNode map) {
        return map.properties().stream()
                .map(pair -> pair.getKey() + "=" + pair.getValue().asText())
                .sorted()
                .collect(Collectors.joining(","));
    }
}

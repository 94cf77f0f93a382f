package dev.ctr.cli.network;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.JsonText;
import dev.ctr.cli.template.Template;
import dev.ctr.lifecycle.EngineException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr network inspect}: tells everything about networks. */
@Command(
        name = "inspect",
        description = "Tell everything about networks",
        footer = {
            "",
            "Examples:",
            "  ctr network inspect backend",
            "  ctr network inspect --format '{{.Driver}} {{.Internal}}' backend"
        })
public final class NetworkInspectCommand extends Verb {
    private static final int INDENTATION = 5;

    /** Go's names of the fields that are more than one word or an abbreviation; the others are capitalized. */
    private static final Map<String, String> GO_NAMES = Map.of(
            "id", "ID",
            "network_interface", "NetworkInterface",
            "ipv6_enabled", "IPv6Enabled",
            "dns_enabled", "DNSEnabled",
            "ipam_options", "IPAMOptions");

    @Option(
            names = {"-f", "--format"},
            paramLabel = "json|TEMPLATE",
            description = "Print JSON, or fill in a Go template for each")
    private String format = "";

    @Parameters(paramLabel = "NETWORK", description = "Names or IDs")
    private List<String> names = new ArrayList<>();

    public NetworkInspectCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (names.isEmpty()) {
            throw new Failure("requires at least 1 arg(s), only received 0");
        }
        Optional<Template> template =
                format.isEmpty() || format.equals("json") ? Optional.empty() : Optional.of(Template.parse(format));
        ArrayNode found = JsonNodeFactory.instance.arrayNode();
        int exitCode = ctr.each(names, name -> found.add(inspect(name)));
        if (template.isEmpty()) {
            ctr.output().line(JsonText.indented(found, INDENTATION));
        } else {
            found.forEach(network -> ctr.output().line(template.get().render(withGoNames((ObjectNode) network))));
        }
        return exitCode == ExitCode.OK ? ExitCode.OK : ExitCode.CTR;
    }

    private ObjectNode inspect(String name) {
        try {
            return ctr.engine().networks().inspect(name);
        } catch (EngineException e) {
            if (e.code() == EngineException.Code.NO_SUCH_NETWORK) {
                throw new EngineException(e.code(), "inspecting object: network " + name + ": " + e.getMessage(), e);
            }
            throw e;
        }
    }

    private static ObjectNode withGoNames(ObjectNode network) {
        ObjectNode fields = network.deepCopy();
        network.properties()
                .forEach(field -> fields.set(
                        GO_NAMES.getOrDefault(
                                field.getKey(),
                                field.getKey().substring(0, 1).toUpperCase(Locale.ROOT)
                                        + field.getKey().substring(1)),
                        field.getValue()));
        return fields;
    }
}

package dev.ctr.cli.pod;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.JsonText;
import dev.ctr.cli.template.Template;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr pod inspect}: tells everything about pods; one is printed as an object, several as an array. */
@Command(
        name = "inspect",
        description = "Tell everything about pods",
        footer = {"", "Examples:", "  ctr pod inspect web", "  ctr pod inspect --format '{{.State}}' web"})
public final class PodInspectCommand extends Verb {
    private static final int INDENTATION = 5;

    @Option(
            names = {"-f", "--format"},
            paramLabel = "json|TEMPLATE",
            description = "Print JSON, or fill in a Go template for each")
    private String format = "";

    @Option(
            names = {"-l", "--latest"},
            description = "The pod that was created last")
    private boolean latest;

    @Parameters(paramLabel = "POD", description = "Names, IDs or unambiguous beginnings of IDs")
    private List<String> names = new ArrayList<>();

    public PodInspectCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (latest && !names.isEmpty()) {
            throw new Failure("--latest and pods cannot be used together");
        }
        if (!latest && names.isEmpty()) {
            throw new Failure("no names or ids specified");
        }
        ArrayNode found = JsonNodeFactory.instance.arrayNode();
        int exitCode =
                ctr.each(wanted(), name -> found.add(ctr.engine().pod(name).inspect()));
        if (!format.isEmpty() && !format.equals("json")) {
            Template template = Template.parse(format);
            found.forEach(pod -> ctr.output().line(template.render(pod)));
        } else {
            ctr.output().line(JsonText.indented(found.size() == 1 ? found.get(0) : found, INDENTATION));
        }
        return exitCode;
    }

    private List<String> wanted() {
        return latest
                ? ctr.engine().pods().stream()
                        .limit(1)
                        .map(pod -> pod.id().hex())
                        .toList()
                : names;
    }
}

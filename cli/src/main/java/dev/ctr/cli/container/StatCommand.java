package dev.ctr.cli.container;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.JsonText;
import dev.ctr.cli.template.Template;
import dev.ctr.lifecycle.FileStat;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr stat}: looks at a file in a container. */
@Command(
        name = "stat",
        description = "Tell what a container has under a path, as JSON; links are followed",
        footer = {
            "",
            "Examples:",
            "  ctr stat web:/etc/passwd",
            "  ctr stat web /etc/passwd",
            "  ctr stat --format '{{.Size}} {{.LinkTarget}}' web:/etc/localtime"
        })
public final class StatCommand extends Verb {
    private static final int INDENTATION = 5;

    @Option(
            names = {"-f", "--format"},
            paramLabel = "json|TEMPLATE",
            description = "Print JSON, or fill in a Go template")
    private String format = "";

    @Parameters(
            paramLabel = "CONTAINER:PATH | CONTAINER PATH",
            hideParamSyntax = true,
            description = "The container and the path in it")
    private List<String> arguments = new ArrayList<>();

    public StatCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        String name;
        String path;
        if (arguments.size() == 2) {
            name = arguments.get(0);
            path = arguments.get(1);
        } else if (arguments.size() == 1 && arguments.get(0).indexOf(':') > 0) {
            int colon = arguments.get(0).indexOf(':');
            name = arguments.get(0).substring(0, colon);
            path = arguments.get(0).substring(colon + 1);
        } else {
            throw new Failure("give a container and a path in it: CONTAINER:PATH");
        }
        ObjectNode json = json(ctr.engine().container(name).stat(path));
        ctr.output()
                .line(
                        format.isEmpty() || format.equals("json")
                                ? JsonText.indented(json, INDENTATION)
                                : Template.parse(format).render(json));
        return ExitCode.OK;
    }

    /** The keys and numbers of libpod's FileInfo. */
    private static ObjectNode json(FileStat stat) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("Name", stat.name())
                .put("Size", stat.size())
                .put("Mode", stat.goMode())
                .put("ModTime", stat.modified().toString())
                .put("IsDir", stat.isDirectory())
                .put("LinkTarget", stat.linkTarget());
    }
}

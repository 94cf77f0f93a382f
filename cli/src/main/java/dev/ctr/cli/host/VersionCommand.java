package dev.ctr.cli.host;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.template.Template;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr version}: tells which ctr and which Java this is. */
@Command(
        name = "version",
        description = "Tell which ctr this is",
        footer = {"", "Examples:", "  ctr version", "  ctr version --format '{{.Client.Version}}'"})
public final class VersionCommand extends Verb {
    @Option(
            names = {"-f", "--format"},
            paramLabel = "json|TEMPLATE",
            description = "Print JSON or fill in a Go template")
    private String format = "";

    @Parameters(hidden = true)
    private List<String> arguments = new ArrayList<>();

    public VersionCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (!arguments.isEmpty()) {
            throw new Failure("`ctr version` takes no arguments");
        }
        Version version = Version.ofThis();
        if (format.isEmpty()) {
            ctr.output().text(version.toText());
        } else if (format.equals("json")) {
            ctr.output().line(version.toJson().toString());
        } else {
            ctr.output().line(Template.parse(format).render(version.toJson()));
        }
        return ExitCode.OK;
    }
}

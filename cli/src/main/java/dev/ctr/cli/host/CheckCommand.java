package dev.ctr.cli.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.JsonText;
import dev.ctr.cli.output.Table;
import dev.ctr.cli.template.Template;
import dev.ctr.lifecycle.check.Feature;
import dev.ctr.lifecycle.check.HostCheck;
import dev.ctr.lifecycle.check.HostReport;
import dev.ctr.lifecycle.check.InstalledProgram;
import dev.ctr.lifecycle.check.Purpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr check}: tells what this host can do, what it lacks, and how to get that. */
@Command(
        name = "check",
        description = "Tell what this host can do, what it lacks, and how to get that",
        footer = {
            "",
            "Examples:",
            "  ctr check",
            "  ctr check --for checkpoint && ctr checkpoint web",
            "  ctr check --format json"
        })
public final class CheckCommand extends Verb {
    private static final int INDENTATION = 2;

    @Option(
            names = {"-f", "--format"},
            paramLabel = "json|TEMPLATE",
            description = "Print JSON or fill in a Go template")
    private String format = "";

    @Option(
            names = "--for",
            paramLabel = "checkpoint|restore|migrate",
            description = "Print nothing if this works here, otherwise fail and name what is missing")
    private @Nullable Purpose purpose;

    @Parameters(hidden = true)
    private List<String> arguments = new ArrayList<>();

    public CheckCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (!arguments.isEmpty()) {
            throw new Failure("`ctr check` takes no arguments");
        }
        HostReport report = report();
        if (purpose != null) {
            require(report, purpose);
        } else if (format.isEmpty()) {
            ctr.output().text(text(report));
        } else {
            JsonNode json = new ObjectMapper().valueToTree(report);
            ctr.output()
                    .line(
                            format.equals("json")
                                    ? JsonText.indented(json, INDENTATION)
                                    : Template.parse(format).render(json));
        }
        return ExitCode.OK;
    }

    private HostReport report() {
        try {
            return new HostCheck(ctr.engine().options()).run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(ExitCode.CTR, "interrupted while checking this host", e);
        }
    }

    private static void require(HostReport report, Purpose purpose) {
        if (!report.worksFor(purpose)) {
            throw new Failure("this host cannot " + purpose.name().toLowerCase(Locale.ROOT) + ", it lacks "
                    + report.missingFor(purpose).stream()
                            .map(feature -> feature.name() + " (" + feature.how() + ")")
                            .collect(Collectors.joining(", ")));
        }
    }

    private static String text(HostReport report) {
        Table programs = new Table()
                .row("criu", program(report.criu()))
                .row("runtime", program(report.runtime()))
                .row("conmon", program(report.conmon()))
                .row(
                        "cni",
                        program(new InstalledProgram(
                                report.cni().path(), report.cni().version())))
                .row(
                        "kernel",
                        report.kernel().release() + " " + report.kernel().machine() + ", cgroups "
                                + report.kernel().cgroups());
        Table features = new Table().row("FEATURE", "PRESENT", "GIVES");
        for (Feature feature : report.features()) {
            features.row(feature.name(), feature.present() ? "yes" : "no", feature.gives());
            if (!feature.present() && !feature.how().isEmpty()) {
                features.row("", "", "-> " + feature.how());
            }
        }
        return programs.render() + "\n" + features.render();
    }

    private static String program(InstalledProgram program) {
        return program.path().isEmpty() ? "not found" : program.version() + "  " + program.path();
    }
}

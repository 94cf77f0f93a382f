package dev.ctr.cli.volume;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.Report;
import dev.ctr.lifecycle.storage.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ctr volume ls}: lists volumes. */
@Command(
        name = "ls",
        description = "List volumes",
        footer = {"", "Examples:", "  ctr volume ls", "  ctr volume ls -q --filter label=tier=db"})
public final class VolumeLsCommand extends Verb {
    private static final Report REPORT =
            new Report("{{.Driver}}\\t{{.Name}}", Map.of("Driver", "DRIVER", "Name", "VOLUME NAME"));

    @Option(
            names = {"-q", "--quiet"},
            description = "Only names")
    private boolean quiet;

    @Option(
            names = {"-f", "--filter"},
            paramLabel = "KEY=VALUE",
            split = ",",
            description = "Only those that fit: name, label, dangling, driver, scope, opt")
    private List<String> filters = new ArrayList<>();

    @Option(names = "--format", paramLabel = "json|TEMPLATE", description = "Print JSON or fill in a Go template")
    private String format = "";

    @Option(
            names = {"-n", "--noheading"},
            description = "Without a heading")
    private boolean withoutHeading;

    public VolumeLsCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        Predicate<Volume> filter = VolumeFilter.parse(filters, ctr.engine());
        List<Volume> volumes =
                ctr.engine().volumes().list().stream().filter(filter).toList();
        if (quiet) {
            volumes.forEach(volume -> ctr.output().line(volume.name()));
        } else if (!volumes.isEmpty() || !format.isEmpty()) {
            ctr.output()
                    .text(REPORT.render(
                            volumes.stream().map(VolumeLsCommand::row).toList(),
                            new Report.Style(format, !withoutHeading)));
        }
        return ExitCode.OK;
    }

    private static Report.Row row(Volume volume) {
        ObjectNode json = volume.inspect();
        return new Report.Row(json, json);
    }
}

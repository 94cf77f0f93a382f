package dev.ctr.cli.container;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.Report;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerConfig;
import dev.ctr.lifecycle.ContainerState;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.Pod;
import dev.ctr.lifecycle.PodId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr ps}: lists containers. */
@Command(
        name = "ps",
        description = "List containers",
        footer = {
            "",
            "Examples:",
            "  ctr ps -a",
            "  ctr ps --filter status=exited --filter label=tier=web",
            "  ctr ps --format 'table {{.Names}}\\t{{.Status}}'",
            "  ctr ps -a --format json"
        })
public final class PsCommand extends Verb {
    private static final Comparator<ContainerRow> BY_CREATION =
            Comparator.comparing(row -> row.config().createdAt());

    private static final Map<String, Comparator<ContainerRow>> ORDERS = Map.of(
            "command", Comparator.comparing(row -> String.join(" ", row.config().command())),
            "created", BY_CREATION,
            "id", Comparator.comparing(row -> row.config().id().hex()),
            "image", Comparator.comparing(row -> row.config().imageName().orElse("")),
            "names", Comparator.comparing(row -> row.config().name()),
            "runningfor", BY_CREATION.reversed(),
            "status", Comparator.comparing(row -> row.state().status().word()));

    @Option(
            names = {"-a", "--all"},
            description = "Those that do not run too")
    private boolean all;

    @Option(
            names = {"-q", "--quiet"},
            description = "Only IDs")
    private boolean quiet;

    @Option(
            names = {"-p", "--pod"},
            description = "The pod of each too")
    private boolean withPod;

    @Option(
            names = {"-n", "--last"},
            paramLabel = "NUMBER",
            description = "The last created, running or not")
    private int last = -1;

    @Option(
            names = {"-l", "--latest"},
            description = "The last one created, running or not")
    private boolean latest;

    @Option(
            names = {"-f", "--filter"},
            paramLabel = "KEY=VALUE",
            split = ",",
            description = "Only those that fit: id, name, label, status, ancestor, exited, volume, network,"
                    + " pod, before, since, until, restart-policy")
    private List<String> filters = new ArrayList<>();

    @Option(names = "--format", paramLabel = "json|TEMPLATE", description = "Print JSON or fill in a Go template")
    private String format = "";

    @Option(
            names = {"-s", "--size"},
            description = "The sizes of their files too")
    private boolean size;

    @Option(names = "--no-trunc", description = "Whole IDs and commands")
    private boolean whole;

    @Option(names = "--noheading", description = "Without a heading")
    private boolean withoutHeading;

    @Option(
            names = "--sort",
            paramLabel = "COLUMN",
            defaultValue = "created",
            description = "command, created, id, image, names, runningfor or status (default: created)")
    private String order = "created";

    @Parameters(hidden = true)
    private List<String> arguments = new ArrayList<>();

    public PsCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        check();
        List<ContainerRow> rows = select();
        if (quiet) {
            rows.forEach(row -> ctr.output()
                    .line(whole ? row.config().id().hex() : row.config().id().abbreviated()));
        } else {
            ctr.output()
                    .text(report().render(
                                    rows.stream().map(row -> row.toRow(!whole)).toList(),
                                    new Report.Style(format, !withoutHeading)));
        }
        return ExitCode.OK;
    }

    private Report report() {
        String pod = withPod ? "\\t{{.Pod}}\\t{{.PodName}}" : "";
        String sizes = size ? "\\t{{.Size}}" : "";
        return new Report(SummaryRow.REPORT.defaultTemplate() + pod + sizes, SummaryRow.REPORT.headings());
    }

    private Map<PodId, String> podNames() {
        return withPod ? ctr.engine().pods().stream().collect(Collectors.toMap(Pod::id, Pod::name)) : Map.of();
    }

    private void check() {
        if (!arguments.isEmpty()) {
            throw new Failure("`ctr ps` takes no arguments");
        }
        if (last >= 0 && latest) {
            throw new Failure("last and latest are mutually exclusive");
        }
        if (quiet && !format.isEmpty()) {
            throw new Failure("quiet and format are mutually exclusive");
        }
        if (!ORDERS.containsKey(order)) {
            throw new Failure("invalid argument \"" + order + "\" for \"--sort\" flag: choose from "
                    + String.join(", ", ORDERS.keySet().stream().sorted().toList()));
        }
    }

    private List<ContainerRow> select() {
        PsFilter filter = PsFilter.parse(filters, ctr.engine());
        int count = latest ? 1 : last;
        boolean onlyRunning = !all && count < 0 && !filter.asksForStatus();
        Instant now = Instant.now();
        List<ContainerRow> rows = new ArrayList<>();
        Map<PodId, String> podNames = podNames();
        for (Container container : ctr.engine().containers()) {
            row(container, podNames, now)
                    .filter(row -> !onlyRunning || row.state().status() == ContainerStatus.RUNNING)
                    .filter(filter)
                    .ifPresent(rows::add);
        }
        rows.sort(BY_CREATION);
        List<ContainerRow> chosen =
                count > 0 && count < rows.size() ? rows.subList(rows.size() - count, rows.size()) : rows;
        return chosen.stream().sorted(ORDERS.getOrDefault(order, BY_CREATION)).toList();
    }

    /** What the container is now; empty if it was removed meanwhile. */
    private Optional<ContainerRow> row(Container container, Map<PodId, String> podNames, Instant now) {
        try {
            ContainerConfig config = container.config();
            ContainerState state = container.state();
            String podName =
                    config.pod().map(id -> podNames.getOrDefault(id, "")).orElse("");
            Optional<SummaryRow.Sizes> sizes = size
                    ? Optional.of(new SummaryRow.Sizes(container.rwSize(), container.rootFsSize()))
                    : Optional.empty();
            return Optional.of(new ContainerRow(config, state, podName, sizes, now));
        } catch (EngineException e) {
            if (e.code() == EngineException.Code.NO_SUCH_CONTAINER) {
                return Optional.empty();
            }
            throw e;
        }
    }
}

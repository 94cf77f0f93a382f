package dev.ctr.cli.pod;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.Report;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ctr pod ps}: lists pods. */
@Command(
        name = "ps",
        description = "List pods",
        footer = {
            "",
            "Examples:",
            "  ctr pod ps",
            "  ctr pod ps --ctr-names --filter status=running",
            "  ctr pod ps --format json"
        })
public final class PodPsCommand extends Verb {
    private static final String COLUMNS = "{{.Id}}\\t{{.Name}}\\t{{.Status}}\\t{{.Created}}\\t{{.InfraId}}";
    private static final Map<String, String> HEADINGS = Map.ofEntries(
            Map.entry("ID", "POD ID"),
            Map.entry("Id", "POD ID"),
            Map.entry("Name", "NAME"),
            Map.entry("Namespace", "NAMESPACE"),
            Map.entry("Status", "STATUS"),
            Map.entry("Created", "CREATED"),
            Map.entry("InfraID", "INFRA ID"),
            Map.entry("InfraId", "INFRA ID"),
            Map.entry("NumberOfContainers", "# OF CONTAINERS"),
            Map.entry("Networks", "NETWORKS"),
            Map.entry("Cgroup", "CGROUP"),
            Map.entry("ContainerIds", "IDS"),
            Map.entry("ContainerNames", "NAMES"),
            Map.entry("ContainerStatuses", "STATUS"),
            Map.entry("Labels", "LABELS"));

    private static final Comparator<PodRow> NEWEST_FIRST =
            Comparator.comparing((PodRow row) -> row.config().createdAt()).reversed();

    private static final Map<String, Comparator<PodRow>> ORDERS = Map.of(
            "created", NEWEST_FIRST,
            "id", Comparator.comparing(row -> row.config().id().hex()),
            "name", Comparator.comparing(row -> row.config().name()),
            "number", Comparator.comparing(row -> row.members().size()),
            "status", Comparator.comparing(row -> row.status().word()));

    @Option(names = "--ctr-ids", description = "The IDs of the containers")
    private boolean withIds;

    @Option(names = "--ctr-names", description = "The names of the containers")
    private boolean withNames;

    @Option(names = "--ctr-status", description = "The states of the containers")
    private boolean withStatuses;

    @Option(
            names = {"-f", "--filter"},
            paramLabel = "KEY=VALUE",
            split = ",",
            description = "Only those that fit: id, name, label, status, network, until, ctr-ids, ctr-names,"
                    + " ctr-status, ctr-number")
    private List<String> filters = new ArrayList<>();

    @Option(names = "--format", paramLabel = "json|TEMPLATE", description = "Print JSON or fill in a Go template")
    private String format = "";

    @Option(
            names = {"-l", "--latest"},
            description = "The last one created")
    private boolean latest;

    @Option(names = "--no-trunc", description = "Whole IDs")
    private boolean whole;

    @Option(names = "--noheading", description = "Without a heading")
    private boolean withoutHeading;

    @Option(
            names = {"-q", "--quiet"},
            description = "Only IDs")
    private boolean quiet;

    @Option(
            names = "--sort",
            paramLabel = "COLUMN",
            defaultValue = "created",
            description = "created, id, name, number or status (default: created)")
    private String order = "created";

    public PodPsCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        Comparator<PodRow> sorted = Optional.ofNullable(ORDERS.get(order))
                .orElseThrow(() -> new Failure("invalid argument \"" + order + "\" for \"--sort\" flag: choose from "
                        + String.join(", ", ORDERS.keySet().stream().sorted().toList())));
        if (quiet && !format.isEmpty()) {
            throw new Failure("quiet and format cannot be used together");
        }
        Predicate<PodRow> filter = PodFilter.parse(filters);
        Instant now = Instant.now();
        List<PodRow> rows = ctr.engine().pods().stream()
                .limit(latest ? 1 : Long.MAX_VALUE)
                .flatMap(pod -> PodRow.of(pod, now).stream())
                .filter(filter)
                .sorted(sorted)
                .toList();
        if (quiet) {
            rows.forEach(row -> ctr.output().line(row.config().id().hex()));
        } else {
            ctr.output()
                    .text(new Report(columns(), HEADINGS)
                            .render(
                                    rows.stream().map(row -> row.toRow(!whole)).toList(),
                                    new Report.Style(format, !withoutHeading)));
        }
        return ExitCode.OK;
    }

    private String columns() {
        if (!withIds && !withNames && !withStatuses) {
            return COLUMNS + "\\t{{.NumberOfContainers}}";
        }
        return COLUMNS
                + (withIds ? "\\t{{.ContainerIds}}" : "")
                + (withNames ? "\\t{{.ContainerNames}}" : "")
                + (withStatuses ? "\\t{{.ContainerStatuses}}" : "");
    }
}

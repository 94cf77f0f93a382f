package dev.ctr.cli.image;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.HumanSize;
import dev.ctr.cli.output.HumanTime;
import dev.ctr.cli.output.Report;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.image.ImageName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr images}: lists images. */
@Command(
        name = "images",
        description = "List images",
        footer = {
            "",
            "Examples:",
            "  ctr images",
            "  ctr images --filter dangling=true -q",
            "  ctr images --sort size --format '{{.Repository}}:{{.Tag}} {{.Size}}'"
        })
public final class ImagesCommand extends Verb {
    private static final String NONE = "<none>";
    private static final String COLUMNS = "{{.Repository}}\\t{{.Tag}}\\t{{.ID}}\\t{{.CreatedSince}}\\t{{.Size}}";
    private static final String COLUMNS_WITH_DIGESTS =
            "{{.Repository}}\\t{{.Tag}}\\t{{.Digest}}\\t{{.ID}}\\t{{.CreatedSince}}\\t{{.Size}}";
    private static final Map<String, String> HEADINGS = Map.of(
            "ID", "IMAGE ID",
            "Repository", "REPOSITORY",
            "Tag", "TAG",
            "Digest", "DIGEST",
            "CreatedSince", "CREATED",
            "CreatedAt", "CREATED AT",
            "Created", "CREATED",
            "Size", "SIZE",
            "History", "HISTORY");

    private static final Comparator<Image> BY_CREATION =
            Comparator.comparing(Image::created).reversed();

    private static final Map<String, Comparator<Image>> ORDERS = Map.of(
            "created", BY_CREATION,
            "id", Comparator.comparing(image -> image.id().hex()),
            "repository", Comparator.comparing(image -> firstName(image, ImageName::repository)),
            "size", Comparator.comparingLong(Image::size),
            "tag", Comparator.comparing(image -> firstName(image, ImageName::tag)));

    @Option(
            names = {"-q", "--quiet"},
            description = "Only IDs")
    private boolean quiet;

    @Option(
            names = {"-a", "--all"},
            description = "All images, as always: there are no intermediate ones")
    @SuppressWarnings("UnusedVariable") // accepted as podman does; there are no intermediate images to hide
    private boolean all;

    @Option(names = "--digests", description = "Show digests")
    private boolean digests;

    @Option(names = "--history", description = "Show the names that images have had")
    private boolean history;

    @Option(
            names = {"-f", "--filter"},
            paramLabel = "KEY=VALUE",
            split = ",",
            description = "Only those that fit: dangling, label, reference, before, since, until, containers, id")
    private List<String> filters = new ArrayList<>();

    @Option(
            names = "--sort",
            paramLabel = "COLUMN",
            defaultValue = "created",
            description = "created, id, repository, size or tag (default: created, the newest first)")
    private String order = "created";

    @Option(names = "--format", paramLabel = "json|TEMPLATE", description = "Print JSON or fill in a Go template")
    private String format = "";

    @Option(names = "--no-trunc", description = "Whole IDs")
    private boolean whole;

    @Option(
            names = {"-n", "--noheading"},
            description = "Without a heading")
    private boolean withoutHeading;

    @Parameters(paramLabel = "[NAME]", hideParamSyntax = true, description = "Only the image of this name")
    private List<String> names = new ArrayList<>();

    public ImagesCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (names.size() > 1) {
            throw new Failure("accepts at most 1 arg(s), received " + names.size());
        }
        if (!ORDERS.containsKey(order)) {
            throw new Failure("\"" + order + "\" is not a valid field for sorting. Choose from: "
                    + String.join(", ", ORDERS.keySet().stream().sorted().toList()));
        }
        List<Image> images = images();
        if (quiet) {
            images.stream().map(this::shownId).distinct().forEach(ctr.output()::line);
            return ExitCode.OK;
        }
        String columns = (digests ? COLUMNS_WITH_DIGESTS : COLUMNS) + (history ? "\\t{{.History}}" : "");
        Report report = new Report(columns, HEADINGS);
        List<String> used = ctr.engine().containers().stream()
                .map(Container::config)
                .flatMap(config -> config.imageId().stream())
                .toList();
        List<Report.Row> rows = format.strip().equals("json")
                ? images.stream()
                        .map(image -> new Report.Row(json(image, used), json(image, used)))
                        .toList()
                : images.stream().flatMap(image -> rows(image, used).stream()).toList();
        ctr.output().text(report.render(rows, new Report.Style(format, !withoutHeading)));
        return ExitCode.OK;
    }

    private List<Image> images() {
        Predicate<Image> filter = ImageFilter.parse(filters, ctr.engine());
        List<Image> images = names.isEmpty()
                ? ctr.engine().images().list()
                : ctr.engine().images().find(names.get(0)).stream().toList();
        return images.stream()
                .filter(filter)
                .sorted(ORDERS.getOrDefault(order, BY_CREATION))
                .toList();
    }

    private static String firstName(Image image, Function<ImageName, String> part) {
        return image.names().isEmpty() ? NONE : part.apply(image.names().get(0));
    }

    private String shownId(Image image) {
        return whole ? "sha256:" + image.id().hex() : image.id().abbreviated();
    }

    /** A row for every name, or one without. */
    private List<Report.Row> rows(Image image, List<String> used) {
        List<Report.Row> rows = new ArrayList<>();
        for (ImageName name : image.names()) {
            rows.add(row(image, Optional.of(name), used));
        }
        return rows.isEmpty() ? List.of(row(image, Optional.empty(), used)) : rows;
    }

    private Report.Row row(Image image, Optional<ImageName> name, List<String> used) {
        ObjectNode json = json(image, used);
        ObjectNode fields = json.deepCopy();
        String since = HumanTime.ago(image.created(), Instant.now());
        fields.put("Repository", name.map(ImageName::repository).orElse(NONE));
        fields.put("Tag", name.map(ImageName::tag).orElse(NONE));
        fields.put("ID", shownId(image));
        fields.put("Created", since);
        fields.put("CreatedSince", since);
        fields.put("CreatedTime", image.created().toString());
        fields.put("Size", HumanSize.of(image.size()));
        fields.put("History", String.join(", ", image.nameHistory()));
        return new Report.Row(json, fields);
    }

    /** With the keys of {@code podman images --format json}. */
    private static ObjectNode json(Image image, List<String> used) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("Id", image.id().hex());
        json.put("ParentId", "");
        json.putNull("RepoTags");
        ArrayNode digests = json.putArray("RepoDigests");
        image.names().forEach(name -> digests.add(name.repository() + "@" + image.digest()));
        json.put("Size", image.size());
        json.put("SharedSize", 0);
        json.put("VirtualSize", image.size());
        if (image.config().labels().isEmpty()) {
            json.putNull("Labels");
        } else {
            image.config().labels().forEach(json.putObject("Labels")::put);
        }
        json.put("Containers", used.stream().filter(image.id().hex()::equals).count());
        if (image.names().isEmpty()) {
            json.put("Dangling", true);
        }
        ArrayNode names = json.putArray("Names");
        image.names().forEach(name -> names.add(name.toString()));
        json.put("Digest", image.digest().toString());
        image.nameHistory().forEach(json.putArray("History")::add);
        json.put("Created", image.created().getEpochSecond());
        json.put("CreatedAt", image.created().toString());
        return json;
    }
}

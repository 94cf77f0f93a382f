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
import dev.ctr.cli.output.JsonText;
import dev.ctr.cli.output.Report;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.image.ImageConfig;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr history}: tells by which steps an image was built, the last first. */
@Command(
        name = "history",
        description = "Tell by which steps an image was built",
        footer = {"", "Examples:", "  ctr history web", "  ctr history --no-trunc --format '{{.CreatedBy}}' web"})
public final class HistoryCommand extends Verb {
    private static final int LONGEST_COMMAND = 45;
    private static final String ELLIPSIS = "...";
    private static final String NO_ID = "<missing>";
    private static final Report REPORT = new Report(
            "{{.ID}}\\t{{.Created}}\\t{{.CreatedBy}}\\t{{.Size}}\\t{{.Comment}}",
            Map.of("ID", "ID", "Created", "CREATED", "CreatedBy", "CREATED BY", "Size", "SIZE", "Comment", "COMMENT"));

    @Option(names = "--format", paramLabel = "json|TEMPLATE", description = "Print JSON or fill in a Go template")
    private String format = "";

    @Option(
            names = {"-H", "--human"},
            defaultValue = "true",
            fallbackValue = "true",
            description = "Print how long ago, not when (default: true)")
    private boolean human = true;

    @Option(names = "--no-trunc", description = "Whole IDs and commands")
    private boolean whole;

    @Option(
            names = {"-q", "--quiet"},
            description = "Only IDs")
    private boolean quiet;

    @Parameters(paramLabel = "IMAGE", hideParamSyntax = true, description = "A name or ID")
    private List<String> arguments = new ArrayList<>();

    public HistoryCommand(Invocation ctr) {
        super(ctr);
    }

    /** One step, with the size of the layer that it made. */
    private record Step(String id, ImageConfig.History history, long size) {}

    @Override
    public Integer call() {
        if (arguments.size() != 1) {
            throw new Failure("accepts 1 arg(s), received " + arguments.size());
        }
        String name = arguments.get(0);
        Image image = ctr.engine()
                .images()
                .find(name)
                .orElseThrow(() -> new EngineException(EngineException.Code.NO_SUCH_IMAGE, name + ": image not known"));
        List<Step> steps = steps(image);
        if (format.strip().equals("json")) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            steps.forEach(step -> array.add(json(step)));
            ctr.output().line(JsonText.compact(array));
        } else if (quiet) {
            steps.forEach(step -> ctr.output().line(shownId(step)));
        } else {
            List<Report.Row> rows = steps.stream()
                    .map(step -> new Report.Row(json(step), fields(step)))
                    .toList();
            ctr.output().text(REPORT.render(rows, new Report.Style(format, true)));
        }
        return ExitCode.OK;
    }

    /** The last step first; it is the image itself, and those before it have no ID of their own. */
    private static List<Step> steps(Image image) {
        List<Step> steps = new ArrayList<>();
        int layer = 0;
        for (ImageConfig.History history : image.config().history()) {
            boolean sized = !history.emptyLayer() && layer < image.layerSizes().size();
            steps.add(0, new Step(NO_ID, history, sized ? image.layerSizes().get(layer) : 0));
            layer += history.emptyLayer() ? 0 : 1;
        }
        if (!steps.isEmpty()) {
            Step last = steps.get(0);
            steps.set(0, new Step(image.id().hex(), last.history(), last.size()));
        }
        return steps;
    }

    private String shownId(Step step) {
        return whole || step.id().equals(NO_ID) ? step.id() : step.id().substring(0, 12);
    }

    private static ObjectNode json(Step step) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", step.id());
        json.put("created", step.history().created().toString());
        json.put("CreatedBy", step.history().createdBy());
        json.put("size", step.size());
        json.put("comment", step.history().comment());
        return json;
    }

    private ObjectNode fields(Step step) {
        Instant created = step.history().created().truncatedTo(ChronoUnit.SECONDS);
        String since = HumanTime.ago(created, Instant.now());
        String command = step.history().createdBy();
        boolean cut = !whole && command.length() > LONGEST_COMMAND;
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        fields.put("ID", shownId(step));
        fields.put("Created", human ? since : created.toString());
        fields.put("CreatedAt", created.toString());
        fields.put("CreatedSince", since);
        fields.put("CreatedBy", cut ? command.substring(0, LONGEST_COMMAND - ELLIPSIS.length()) + ELLIPSIS : command);
        fields.put("Size", HumanSize.of(step.size()));
        fields.put("Comment", step.history().comment());
        return fields;
    }
}

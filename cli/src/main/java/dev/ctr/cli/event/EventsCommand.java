package dev.ctr.cli.event;

import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.JsonText;
import dev.ctr.cli.template.Template;
import dev.ctr.cli.value.Moments;
import dev.ctr.lifecycle.event.Event;
import dev.ctr.lifecycle.event.EventFilter;
import dev.ctr.lifecycle.event.EventJson;
import dev.ctr.lifecycle.event.EventQuery;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr events}: tells what happens to containers, images, volumes, networks and pods. */
@Command(
        name = "events",
        description = "Tell what happens to containers, images, volumes, networks and pods",
        footer = {
            "",
            "Examples:",
            "  ctr events",
            "  ctr events --stream=false --since 1h --filter container=web --filter event=died",
            "  ctr events --format json",
            "  ctr events --format '{{.Time}} {{.Status}} {{.Name}}'"
        })
public final class EventsCommand extends Verb {
    @Option(names = "--since", paramLabel = "TIME", description = "Only from this time on, or since so long ago")
    private @Nullable String since;

    @Option(
            names = "--until",
            paramLabel = "TIME",
            description = "Only before this time, or until so long from now; then end")
    private @Nullable String until;

    @Option(
            names = {"-f", "--filter"},
            paramLabel = "KEY=VALUE",
            description = "Only those that fit: container, event, image, label, network, pod, type, volume")
    private List<String> filters = new ArrayList<>();

    @Option(names = "--format", paramLabel = "json|TEMPLATE", description = "Print JSON lines or fill in a Go template")
    private String format = "";

    @Option(
            names = "--stream",
            defaultValue = "true",
            fallbackValue = "true",
            description = "Wait for what is yet to come (default: true; without --since only that is printed)")
    private boolean stream = true;

    @Option(
            names = "--no-trunc",
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whole IDs (default: true)")
    private boolean whole = true;

    @Parameters(hidden = true)
    private List<String> arguments = new ArrayList<>();

    public EventsCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (!arguments.isEmpty()) {
            throw new Failure("`ctr events` takes no arguments");
        }
        Instant now = Instant.now();
        EventQuery query = new EventQuery(
                Optional.ofNullable(since).map(time -> Moments.parse(time, now)),
                Optional.ofNullable(until).map(time -> Moments.parseEnd(time, now)),
                EventFilter.parse(filters),
                stream,
                () -> false);
        Function<Event, String> form = form();
        ctr.engine()
                .events()
                .read(query, event -> ctr.output().line(form.apply(event)).flush());
        return ExitCode.OK;
    }

    private Function<Event, String> form() {
        ZoneId zone = ZoneId.systemDefault();
        if (format.isEmpty()) {
            return event -> new EventLine(event, !whole, zone).text();
        }
        if (format.strip().equals("json")) {
            return event -> JsonText.compact(EventJson.of(event));
        }
        Template template = Template.parse(format);
        return event -> template.render(new EventLine(event, !whole, zone).fields());
    }
}

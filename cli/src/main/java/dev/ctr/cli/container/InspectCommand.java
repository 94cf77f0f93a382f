package dev.ctr.cli.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.JsonText;
import dev.ctr.cli.template.Template;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.storage.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr inspect}: tells everything about containers, images and volumes. */
@Command(
        name = "inspect",
        description = "Tell everything about containers, images, volumes and pods",
        footer = {
            "",
            "Examples:",
            "  ctr inspect web",
            "  ctr inspect --format '{{.State.Pid}} {{.NetworkSettings.IPAddress}}' web",
            "  ctr inspect --type image alpine"
        })
public final class InspectCommand extends Verb {
    private static final int INDENTATION = 4;

    @Option(
            names = {"-f", "--format"},
            paramLabel = "json|TEMPLATE",
            description = "Print JSON, or fill in a Go template for each")
    private String format = "";

    @Option(
            names = {"-s", "--size"},
            description = "Tell the sizes of containers' files too")
    private boolean size;

    @Option(
            names = {"-t", "--type"},
            paramLabel = "all|container|image|volume|pod",
            description = "What the names name (default: all, the first that fits)")
    private @Nullable Kind kind;

    @Option(
            names = {"-l", "--latest"},
            description = "The container that was created last")
    private boolean latest;

    @Parameters(paramLabel = "NAME", description = "Names or IDs")
    private List<String> names = new ArrayList<>();

    private final Kind defaultKind;

    /** What a name may name. */
    public enum Kind {
        ALL,
        CONTAINER,
        IMAGE,
        VOLUME,
        POD
    }

    /** A command that looks for this unless {@code --type} says otherwise. */
    public InspectCommand(Invocation ctr, Kind defaultKind) {
        super(ctr);
        this.defaultKind = defaultKind;
    }

    @Override
    public Integer call() {
        if (latest && !names.isEmpty()) {
            throw new Failure("--latest and arguments cannot be used together");
        }
        if (!latest && names.isEmpty()) {
            throw new Failure("no names or ids specified");
        }
        Optional<Template> template =
                format.isEmpty() || format.equals("json") ? Optional.empty() : Optional.of(Template.parse(format));
        ArrayNode found = JsonNodeFactory.instance.arrayNode();
        List<String> wanted = latest ? List.of(Target.latest(ctr.engine()).shown()) : names;
        int exitCode = ctr.each(wanted, name -> found.add(inspect(name)));
        if (template.isEmpty()) {
            ctr.output().line(JsonText.indented(found, INDENTATION));
            return exitCode;
        }
        found.forEach(object -> ctr.output().line(template.get().render(object)));
        return exitCode;
    }

    private ObjectNode inspect(String name) {
        Kind wanted = latest ? Kind.CONTAINER : kind == null ? defaultKind : kind;
        return switch (wanted) {
            case ALL ->
                Stream.<Supplier<Optional<ObjectNode>>>of(
                                () -> container(name), () -> image(name), () -> volume(name), () -> pod(name))
                        .map(Supplier::get)
                        .flatMap(Optional::stream)
                        .findFirst()
                        .orElseThrow(() -> new Failure("no such object: \"" + name + "\""));
            case CONTAINER -> describe(ctr.engine().container(name));
            case IMAGE -> image(name).orElseThrow(() -> new Failure(name + ": image not known"));
            case VOLUME ->
                volume(name)
                        .orElseThrow(() -> new Failure("no volume with name \"" + name + "\" found: no such volume"));
            case POD -> ctr.engine().pod(name).inspect();
        };
    }

    private Optional<ObjectNode> container(String name) {
        try {
            return Optional.of(describe(ctr.engine().container(name)));
        } catch (EngineException e) {
            if (e.code() == EngineException.Code.NO_SUCH_CONTAINER) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private ObjectNode describe(Container container) {
        return size ? container.inspectWithSize() : container.inspect();
    }

    private Optional<ObjectNode> pod(String name) {
        try {
            return Optional.of(ctr.engine().pod(name).inspect());
        } catch (EngineException e) {
            if (e.code() == EngineException.Code.NO_SUCH_POD) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private Optional<ObjectNode> image(String name) {
        return ctr.engine().images().find(name).map(ctr.engine().images()::inspect);
    }

    private Optional<ObjectNode> volume(String name) {
        return ctr.engine().volumes().find(name).map(Volume::inspect);
    }
}

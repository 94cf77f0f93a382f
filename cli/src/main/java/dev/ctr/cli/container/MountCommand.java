package dev.ctr.cli.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.JsonText;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.EngineException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctr mount}: mounts containers' root file systems on the host, or lists those that are mounted. */
@Command(
        name = "mount",
        description =
                "Mount containers' root file systems on the host and print where; without names, list those that are",
        footer = {"", "Examples:", "  ctr mount", "  ctr mount web", "  ctr mount --format json", "  ctr mount --all"})
public final class MountCommand extends Verb {
    private static final int INDENTATION = 1;
    private static final String ROW = "%s  %s";

    @Option(names = "--format", paramLabel = "json", description = "Print JSON")
    private String format = "";

    @Option(names = "--no-trunc", description = "Whole IDs")
    private boolean whole;

    @Mixin
    private Selection selection = new Selection();

    public MountCommand(Invocation ctr) {
        super(ctr);
    }

    /** A container and where it is mounted. */
    private record Mounted(Container container, Path place) {}

    @Override
    public Integer call() {
        selection.check();
        if (!format.isEmpty() && !format.equals("json")) {
            throw new Failure("unknown --format argument: \"" + format + "\"");
        }
        boolean lists = selection.names().isEmpty() && !selection.all() && !selection.latest();
        List<Mounted> mounted = lists ? mounted() : mount();
        if (format.equals("json")) {
            ctr.output().line(JsonText.indented(json(mounted), INDENTATION));
        } else if (!lists && mounted.size() == 1 && !selection.all()) {
            ctr.output().line(mounted.get(0).place().toString());
        } else {
            mounted.forEach(each -> ctr.output().line(ROW.formatted(id(each.container()), each.place())));
        }
        return ExitCode.OK;
    }

    private String id(Container container) {
        return whole ? container.id().hex() : container.id().abbreviated();
    }

    /** All are looked up before the first is mounted. */
    private List<Mounted> mount() {
        List<Container> containers = selection.targets(ctr.engine(), container -> true).stream()
                .map(Target::container)
                .toList();
        return containers.stream()
                .map(container -> new Mounted(container, container.mount()))
                .toList();
    }

    private List<Mounted> mounted() {
        return ctr.engine().containers().stream()
                .flatMap(container -> place(container).map(place -> new Mounted(container, place)).stream())
                .toList();
    }

    /** Empty if it was removed meanwhile, too. */
    private static Optional<Path> place(Container container) {
        try {
            return container.mountPoint();
        } catch (EngineException e) {
            if (e.code() == EngineException.Code.NO_SUCH_CONTAINER) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static ArrayNode json(List<Mounted> mounted) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (Mounted each : mounted) {
            ObjectNode object =
                    array.addObject().put("id", each.container().id().hex());
            object.putArray("Names").add(each.container().name());
            object.put("mountpoint", each.place().toString());
        }
        return array;
    }
}

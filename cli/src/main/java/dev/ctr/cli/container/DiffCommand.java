package dev.ctr.cli.container;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.archive.RootfsChanges;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.JsonText;
import dev.ctr.lifecycle.EngineException;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctr diff}: tells what a container changed in its image's files. */
@Command(
        name = "diff",
        description = "Tell which files a container changed, or the uppermost layer of an image",
        footer = {
            "",
            "Each line is A (added), C (changed) or D (deleted) and a path.",
            "",
            "Examples:",
            "  ctr diff web",
            "  ctr diff --format json web",
            "  ctr diff my/web:2"
        })
public final class DiffCommand extends Verb {
    private static final int INDENTATION = 5;

    /** podman's order. */
    private static final List<RootfsChanges.Kind> KINDS =
            List.of(RootfsChanges.Kind.CHANGED, RootfsChanges.Kind.ADDED, RootfsChanges.Kind.DELETED);

    @Option(names = "--format", paramLabel = "json", description = "Print JSON")
    private String format = "";

    @Mixin
    private LatestOrNamed selection = new LatestOrNamed();

    public DiffCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (!format.isEmpty() && !format.equals("json")) {
            throw new Failure("only supported value for '--format' is 'json'");
        }
        List<RootfsChanges.Change> changes = changes();
        if (format.equals("json")) {
            ctr.output().line(JsonText.indented(json(changes), INDENTATION));
        } else {
            changes.forEach(change -> ctr.output().line(change.toString()));
        }
        return ExitCode.OK;
    }

    private List<RootfsChanges.Change> changes() {
        if (selection.names.size() > 1) {
            throw new Failure("accepts 1 arg(s), received " + selection.names.size());
        }
        Target target = selection
                .targets(ctr.engine(), "\"ctr diff\" requires a name, id, or the \"--latest\" flag")
                .get(0);
        try {
            return target.container().diff();
        } catch (EngineException e) {
            if (e.code() != EngineException.Code.NO_SUCH_CONTAINER) {
                throw e;
            }
            return ctr.engine()
                    .images()
                    .find(target.shown())
                    .map(ctr.engine()::diff)
                    .orElseThrow(() -> new Failure(target.shown() + " not found: layer not known"));
        }
    }

    private static ObjectNode json(List<RootfsChanges.Change> changes) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        for (RootfsChanges.Kind kind : KINDS) {
            List<String> paths = changes.stream()
                    .filter(change -> change.kind() == kind)
                    .map(RootfsChanges.Change::path)
                    .toList();
            if (!paths.isEmpty()) {
                paths.forEach(json.withArrayProperty(kind.name().toLowerCase(Locale.ROOT))::add);
            }
        }
        return json;
    }
}

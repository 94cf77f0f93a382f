package dev.ctr.cli.archive;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.archive.Identities;
import dev.ctr.archive.inspect.Change;
import dev.ctr.archive.inspect.CheckpointDifference;
import dev.ctr.archive.inspect.MemoryChange;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.HumanSize;
import dev.ctr.cli.output.JsonText;
import dev.ctr.cli.output.Printable;
import dev.ctr.criu.image.PageRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr archive diff}: compares two checkpoints. */
@Command(
        name = "diff",
        description = "Tell what changed from one checkpoint to another",
        footer = {
            "",
            "Compares processes, open files, sockets, memory by mapping, the root file system and volumes. Each line is",
            "A (added), C (changed) or D (removed).",
            "",
            "Examples:",
            "  ctr archive diff monday.tar.zst tuesday.tar.zst",
            "  ctr archive diff --format json monday.tar.zst tuesday.tar.zst"
        })
public final class ArchiveDiffCommand extends Verb {
    private static final int INDENTATION = 2;
    private static final int ARGUMENTS = 2;

    @Option(names = "--format", paramLabel = "json", description = "Print JSON")
    private String format = "";

    @Mixin
    private IdentityFlag identity = new IdentityFlag();

    @Parameters(paramLabel = "FILE FILE", hideParamSyntax = true, description = "The earlier archive and the later one")
    private List<String> archives = new ArrayList<>();

    public ArchiveDiffCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (!format.isEmpty() && !format.equals("json")) {
            throw new Failure("only supported value for '--format' is 'json'");
        }
        if (archives.size() != ARGUMENTS) {
            throw new Failure("accepts 2 arg(s), received " + archives.size());
        }
        Identities identities = identity.identities();
        try (ArchiveArgument first = ArchiveArgument.open(ctr, archives.get(0), identities);
                ArchiveArgument second = ArchiveArgument.open(ctr, archives.get(1), identities)) {
            CheckpointDifference difference =
                    first.read(source -> CheckpointDifference.between(source, second.source(), FileText::of));
            if (format.equals("json")) {
                ctr.output().line(Printable.json(JsonText.indented(json(difference), INDENTATION)));
            } else {
                print(difference);
            }
        }
        return ExitCode.OK;
    }

    private void print(CheckpointDifference difference) {
        print("Processes", difference.processes());
        print("Files", difference.files());
        print("Sockets", difference.sockets());
        if (!difference.memory().isEmpty()) {
            ctr.output().line("Memory");
            difference.memory().forEach(change -> ctr.output().line("  " + Printable.of(text(change))));
        }
        print("Root file system", difference.rootfs());
        print("Volumes", difference.volumes());
        if (difference.uncomparedBytes() > 0) {
            ctr.warn(HumanSize.of(difference.uncomparedBytes())
                    + " of memory were not compared: the archives do not have them");
        }
    }

    private void print(String heading, List<Change> changes) {
        if (!changes.isEmpty()) {
            ctr.output().line(heading);
            changes.forEach(change -> ctr.output().line("  " + Printable.of(text(change))));
        }
    }

    private static String text(Change change) {
        return switch (change.kind()) {
            case ADDED -> "A " + change.subject() + "  " + change.after();
            case REMOVED -> "D " + change.subject() + "  " + change.before();
            case CHANGED ->
                "C " + change.subject() + "  " + change.before()
                        + (change.before().equals(change.after()) ? "" : " -> " + change.after());
        };
    }

    private static String text(MemoryChange change) {
        StringBuilder text =
                new StringBuilder("C [%d] %s %s:".formatted(change.pid(), change.command(), change.mapping()));
        append(text, change.changed(), "changed");
        append(text, change.added(), "added");
        append(text, change.removed(), "removed");
        return text.toString();
    }

    private static void append(StringBuilder text, long bytes, String what) {
        if (bytes > 0) {
            text.append(" %d pages (%s) %s".formatted(bytes / PageRun.PAGE_SIZE, HumanSize.of(bytes), what));
        }
    }

    private static ObjectNode json(CheckpointDifference difference) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        add(json.putArray("processes"), difference.processes());
        add(json.putArray("files"), difference.files());
        add(json.putArray("sockets"), difference.sockets());
        ArrayNode memory = json.putArray("memory");
        difference.memory().forEach(change -> add(memory.addObject(), change));
        json.put("memory_not_compared", difference.uncomparedBytes());
        add(json.putArray("rootfs"), difference.rootfs());
        add(json.putArray("volumes"), difference.volumes());
        return json;
    }

    private static void add(ArrayNode array, List<Change> changes) {
        changes.forEach(change -> array.addObject()
                .put("change", change.kind().name().toLowerCase(Locale.ROOT))
                .put("subject", change.subject())
                .put("before", change.before())
                .put("after", change.after()));
    }

    private static void add(ObjectNode json, MemoryChange change) {
        json.put("pid", change.pid())
                .put("command", change.command())
                .put("mapping", change.mapping())
                .put("pages_changed", change.changed() / PageRun.PAGE_SIZE)
                .put("pages_added", change.added() / PageRun.PAGE_SIZE)
                .put("pages_removed", change.removed() / PageRun.PAGE_SIZE)
                .put("bytes_changed", change.changed())
                .put("bytes_added", change.added())
                .put("bytes_removed", change.removed());
    }
}

package dev.ctr.cli.archive;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.ctr.archive.Identities;
import dev.ctr.archive.inspect.CheckpointReport;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.JsonText;
import dev.ctr.cli.output.Printable;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctr archive inspect}: looks into checkpoints. */
@Command(
        name = "inspect",
        description = "Look into checkpoint archives: processes, files, sockets, memory",
        footer = {
            "",
            "Archives of podman's can be looked into too. - is standard input. Nothing is restored. Memory of a mapping is",
            "present (in the checkpoint), zero (stored, but all zeros), in the parent (in a pre-checkpoint), or neither:",
            "never written to, or as in the file that is mapped.",
            "",
            "Examples:",
            "  ctr archive inspect web.tar.zst --ps-tree",
            "  ctr archive inspect web.tar.zst --sockets --files",
            "  ctr archive inspect --all --format json web.tar.zst"
        })
public final class ArchiveInspectCommand extends Verb {
    private static final int INDENTATION = 2;

    @Option(names = "--ps-tree", description = "The processes with their command lines")
    private boolean processes;

    @Option(names = "--env", description = "The processes with their environments")
    private boolean environment;

    @Option(names = "--files", description = "The processes with their open files")
    private boolean files;

    @Option(names = "--sockets", description = "The processes with their sockets, addresses and queues")
    private boolean sockets;

    @Option(names = "--memory", description = "The processes with their memory by mapping")
    private boolean memory;

    @Option(names = "--mounts", description = "What is mounted")
    private boolean mounts;

    @Option(names = "--metadata", description = "Annotations of the container")
    private boolean metadata;

    @Option(names = "--stats", description = "CRIU's statistics of the dump")
    private boolean statistics;

    @Option(names = "--all", description = "All of these")
    private boolean all;

    @Option(names = "--format", paramLabel = "tree|json", description = "Print a tree (default) or JSON")
    private String format = "tree";

    @Mixin
    private IdentityFlag identity = new IdentityFlag();

    @Parameters(paramLabel = "FILE", hideParamSyntax = true, description = "The archives")
    private List<String> archives = new ArrayList<>();

    public ArchiveInspectCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        if (!format.equals("tree") && !format.equals("json")) {
            throw new Failure("invalid output format \"" + format + "\": choose tree or json");
        }
        if (archives.isEmpty()) {
            throw new Failure("requires at least 1 arg(s), only received 0");
        }
        Identities identities = identity.identities();
        Sections sections = sections();
        List<CheckpointReport> reports = new ArrayList<>();
        for (String file : archives) {
            try (ArchiveArgument archive = ArchiveArgument.open(ctr, file, identities)) {
                reports.add(archive.read(source -> CheckpointReport.of(source, sections.scope())));
            }
        }
        if (format.equals("json")) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            reports.forEach(report -> array.add(CheckpointJson.report(report, sections)));
            ctr.output().line(Printable.json(JsonText.indented(array, INDENTATION)));
        } else {
            reports.forEach(report -> ctr.output().text(new CheckpointText(report, sections).render()));
        }
        return ExitCode.OK;
    }

    private Sections sections() {
        return new Sections(
                all || processes || environment || files || sockets || memory,
                all || environment,
                all || files,
                all || sockets,
                all || memory,
                all || mounts,
                all || metadata,
                all || statistics);
    }
}

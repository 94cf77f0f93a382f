package dev.ctr.archive.inspect;

import dev.ctr.criu.image.AddressSpace;
import dev.ctr.criu.image.CriuDump;
import dev.ctr.criu.image.DumpedProcess;
import dev.ctr.criu.image.ProcessTree;
import java.io.Closeable;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds out of a checkpoint what was asked for. Used once. */
final class Inspection implements Closeable {
    private final CheckpointContent content;
    private final InspectionScope scope;
    private final PageDigests digests;
    private final boolean hashing;

    /**
     * Begins to look into a checkpoint.
     *
     * @param hashing whether the content of pages is to be compared with that of others
     */
    Inspection(CheckpointContent content, InspectionScope scope, boolean hashing) {
        this.content = content;
        this.scope = scope;
        this.hashing = hashing;
        this.digests = new PageDigests(content.directory(), hashing);
    }

    CheckpointContent content() {
        return content;
    }

    /** Tells pages apart; complete once there is a report. */
    PageDigests digests() {
        return digests;
    }

    CheckpointReport report() throws IOException {
        CriuDump dump = content.dump();
        ProcessTree tree = dump.processes();
        CommandLines commandLines = readPages(tree);
        Map<Integer, ProcessReport> processes = new LinkedHashMap<>();
        for (DumpedProcess process : tree.all()) {
            processes.put(process.pid(), report(process, commandLines));
        }
        List<String> levels = dump.levels().stream()
                .map(level -> level.getFileName().toString())
                .toList();
        return new CheckpointReport(
                content.overview(),
                dump.hostname().orElse(""),
                levels,
                dump.isParentMissing(),
                tree,
                processes,
                dump.mounts());
    }

    private CommandLines readPages(ProcessTree tree) throws IOException {
        WantedPages wanted = new WantedPages();
        CommandLines commandLines = new CommandLines(content, wanted);
        if (scope.commandLines() || scope.environment()) {
            for (DumpedProcess process : tree.all()) {
                commandLines.want(process, scope.environment());
            }
        }
        content.readPages(wanted, scope.memory() || hashing ? digests : null);
        return commandLines;
    }

    private ProcessReport report(DumpedProcess process, CommandLines commandLines) throws IOException {
        CriuDump dump = content.dump();
        return new ProcessReport(
                process,
                dump.addressSpace(process).map(AddressSpace::program).orElse(""),
                commandLines.arguments(process),
                scope.environment() ? commandLines.environment(process) : List.of(),
                dump.workingDirectory(process).orElse(""),
                dump.rootDirectory(process).orElse(""),
                scope.files() ? dump.descriptors(process) : List.of(),
                scope.memory() ? new MemorySummary(content, digests).of(process) : List.of());
    }

    @Override
    public void close() throws IOException {
        digests.close();
    }
}

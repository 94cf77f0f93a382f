package dev.ctr.cli.archive;

import dev.ctr.archive.inspect.CheckpointOverview;
import dev.ctr.archive.inspect.CheckpointReport;
import dev.ctr.archive.inspect.MappingMemory;
import dev.ctr.archive.inspect.ProcessReport;
import dev.ctr.cli.output.HumanSize;
import dev.ctr.criu.DumpStatistics;
import dev.ctr.criu.image.DumpedMount;
import dev.ctr.criu.image.DumpedProcess;
import dev.ctr.criu.image.DumpedProcess.State;
import dev.ctr.criu.image.OpenDescriptor;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** A checkpoint as a tree of text. */
final class CheckpointText {
    private final CheckpointReport report;
    private final Sections sections;

    CheckpointText(CheckpointReport report, Sections sections) {
        this.report = report;
        this.sections = sections;
    }

    /** The whole text; every line ends with a line end. */
    String render() {
        CheckpointOverview overview = report.overview();
        TextTree tree = new TextTree(overview.container().isEmpty() ? "Container" : overview.container());
        overview(tree, overview);
        if (sections.statistics()) {
            overview.statistics().ifPresent(statistics -> statistics(tree.add("CRIU dump statistics"), statistics));
        }
        if (sections.metadata()) {
            metadata(tree.add("Metadata"), overview);
        }
        if (sections.processes()) {
            TextTree processes = tree.add("Process tree");
            report.tree().roots().forEach(root -> process(processes, root));
        }
        if (sections.mounts()) {
            TextTree mounts = tree.add("Mounts");
            report.mounts().forEach(mount -> mounts.add(mount(mount)));
        }
        return tree.render();
    }

    private void overview(TextTree tree, CheckpointOverview overview) {
        tree.addValue("Image", overview.image());
        tree.addValue("ID", overview.id());
        tree.addValue("Runtime", overview.runtime());
        tree.addValue("Created", overview.created());
        tree.addValue("Engine", overview.engine());
        tree.addValue("Host name", report.hostname());
        overview.networks()
                .forEach(network -> tree.add("Network " + network.name() + ": " + network.networkInterface() + " "
                        + network.address() + " " + network.mac()));
        tree.add("Checkpoint size: " + HumanSize.of(overview.checkpointBytes()))
                .add("Memory pages size: " + HumanSize.of(overview.pagesBytes()));
        tree.add("Root FS diff size: " + HumanSize.of(overview.rootfsBytes()));
        overview.volumes().forEach((name, size) -> tree.add("Volume " + name + " size: " + HumanSize.of(size)));
        if (report.levels().size() > 1) {
            tree.add("Levels: " + String.join(" <- ", report.levels()));
        }
        if (report.parentMissing()) {
            tree.add("Builds on a pre-checkpoint that is not in this archive");
        }
    }

    private static void statistics(TextTree tree, DumpStatistics statistics) {
        tree.add("Freezing time: " + millis(statistics.freezingMicros()));
        tree.add("Frozen time: " + millis(statistics.frozenMicros()));
        tree.add("Memdump time: " + millis(statistics.memoryDumpMicros()));
        tree.add("Memwrite time: " + millis(statistics.memoryWriteMicros()));
        tree.add("Pages scanned: " + statistics.pagesScanned());
        tree.add("Pages skipped because the parent has them: " + statistics.pagesSkippedParent());
        tree.add("Pages written: " + statistics.pagesWritten());
        tree.add("Pages left for a lazy restore: " + statistics.pagesLazy());
    }

    private static String millis(long micros) {
        return "%.3f ms".formatted(micros / 1000.0);
    }

    private static void metadata(TextTree tree, CheckpointOverview overview) {
        TextTree annotations = tree.add("Annotations");
        overview.annotations().forEach((name, value) -> annotations.add(name + ": " + value));
    }

    private void process(TextTree parent, DumpedProcess process) {
        ProcessReport found = report.of(process);
        TextTree tree = parent.add("[" + process.pid() + "]  " + title(process, found));
        if (sections.environment() && !found.environment().isEmpty()) {
            TextTree environment = tree.add("Environment");
            found.environment().forEach(environment::add);
        }
        if (sections.files() && !found.descriptors().isEmpty()) {
            files(tree.add("Open files"), found);
        }
        if (sections.sockets()) {
            sockets(tree, found);
        }
        if (sections.memory() && !found.memory().isEmpty()) {
            memory(tree, found.memory());
        }
        report.tree().children(process).forEach(child -> process(tree, child));
    }

    private static String title(DumpedProcess process, ProcessReport found) {
        String command = found.arguments().isEmpty() ? process.name() : String.join(" ", found.arguments());
        String threads = process.threads().size() > 1 ? " (" + process.threads().size() + " threads)" : "";
        String state = process.state() == State.ALIVE
                ? ""
                : " (" + process.state().name().toLowerCase(Locale.ROOT) + ")";
        return command + threads + state;
    }

    private static void files(TextTree tree, ProcessReport process) {
        for (OpenDescriptor descriptor : process.descriptors()) {
            tree.add("[%s %d]  %s".formatted(descriptor.type(), descriptor.number(), FileText.of(descriptor.file())));
        }
        if (!process.workingDirectory().isEmpty()) {
            tree.add("[cwd]  " + process.workingDirectory());
        }
        if (!process.rootDirectory().isEmpty()) {
            tree.add("[root]  " + process.rootDirectory());
        }
    }

    private static void sockets(TextTree tree, ProcessReport process) {
        List<OpenDescriptor> sockets = process.descriptors().stream()
                .filter(descriptor -> descriptor.file().isSocket())
                .toList();
        if (!sockets.isEmpty()) {
            TextTree open = tree.add("Open sockets");
            sockets.forEach(socket -> open.add("[" + socket.number() + "]  " + FileText.of(socket.file())));
        }
    }

    private static void memory(TextTree tree, List<MappingMemory> mappings) {
        TextTree memory = tree.add("Memory: "
                + amounts(
                        sum(mappings, mapping -> mapping.mapping().size()),
                        sum(mappings, MappingMemory::present),
                        sum(mappings, MappingMemory::zero),
                        sum(mappings, MappingMemory::parent),
                        sum(mappings, MappingMemory::lazy),
                        sum(mappings, MappingMemory::missing)));
        for (MappingMemory mapping : mappings) {
            memory.add("%x-%x %s %s: %s"
                    .formatted(
                            mapping.mapping().start(),
                            mapping.mapping().end(),
                            mapping.mapping().permissions(),
                            mapping.mapping().name().isEmpty()
                                    ? "[anonymous]"
                                    : mapping.mapping().name(),
                            amounts(
                                    mapping.mapping().size(),
                                    mapping.present(),
                                    mapping.zero(),
                                    mapping.parent(),
                                    mapping.lazy(),
                                    mapping.missing())));
        }
    }

    private static long sum(List<MappingMemory> mappings, ToLongFunction<MappingMemory> amount) {
        return mappings.stream().mapToLong(amount).sum();
    }

    private static String amounts(long size, long present, long zero, long parent, long lazy, long missing) {
        StringBuilder text = new StringBuilder(HumanSize.of(size) + " mapped, " + HumanSize.of(present) + " present");
        append(text, zero, " zero");
        append(text, parent, " in the parent");
        append(text, lazy, " left at the source");
        append(text, missing, " missing");
        return text.toString();
    }

    private static void append(StringBuilder text, long amount, String what) {
        if (amount > 0) {
            text.append(", ").append(HumanSize.of(amount)).append(what);
        }
    }

    private static String mount(DumpedMount mount) {
        String bound = mount.external().isEmpty() ? "" : ", from outside: " + mount.root();
        return mount.mountPoint() + "  " + (mount.type().isEmpty() ? "" : mount.type() + " ") + mount.source() + bound;
    }
}

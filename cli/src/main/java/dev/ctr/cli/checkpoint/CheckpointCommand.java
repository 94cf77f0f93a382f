package dev.ctr.cli.checkpoint;

import dev.ctr.archive.Compression;
import dev.ctr.cli.container.Selection;
import dev.ctr.cli.container.Target;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.ProgressDisplay;
import dev.ctr.cli.output.ProgressFlag;
import dev.ctr.cli.value.AgeKeys;
import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.CheckpointResult;
import dev.ctr.lifecycle.ContainerStatus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctr checkpoint}: freezes containers into CRIU images, in place or as an archive. */
@Command(
        name = "checkpoint",
        description = "Freeze containers into a checkpoint, in place or as an archive",
        footer = {
            "",
            "Examples:",
            "  ctr checkpoint web",
            "  ctr checkpoint --export web.tar.zst --tcp-established web",
            "  ctr checkpoint --leave-running --compress zstd:9 --threads 4 -e web.tar.zst web",
            "  ctr checkpoint -e web.tar.zst.age --encrypt age1qyqszqgpqyqszqgpqyqszqgpqyqszqgp... web",
            "  ctr checkpoint -e - web | ssh other ctr restore -i -",
            "  ctr checkpoint --pre-checkpoint web && ctr checkpoint --with-previous -e web.tar.zst web",
            "  ctr checkpoint --create-image web-checkpoint web"
        })
public final class CheckpointCommand extends Verb {
    private static final String STANDARD_OUTPUT = "-";

    @Option(
            names = {"-k", "--keep"},
            description = "Keep CRIU's logs and statistics")
    private boolean keep;

    @Option(
            names = {"-R", "--leave-running"},
            description = "Let the container go on afterwards")
    private boolean leaveRunning;

    @Option(names = "--tcp-established", description = "Checkpoint established TCP connections too")
    private boolean tcpEstablished;

    @Option(names = "--tcp-close", description = "Leave established TCP connections out; they are closed on restore")
    private boolean tcpClose;

    @Option(names = "--file-locks", description = "Checkpoint file locks too")
    private boolean fileLocks;

    @Option(
            names = {"-e", "--export"},
            paramLabel = "FILE|-",
            description = "Write the checkpoint as an archive to this file, or to standard output")
    private String export = "";

    @Option(
            names = "--create-image",
            paramLabel = "NAME",
            description = "Make an image of the checkpoint, to push to a registry and to restore from")
    private String createImage = "";

    @Mixin
    private ChainFlags chain = new ChainFlags();

    @Option(names = "--ignore-rootfs", description = "Leave changes to the root file system out of the archive")
    private boolean ignoreRootfs;

    @Option(names = "--ignore-volumes", description = "Leave the content of volumes out of the archive")
    private boolean ignoreVolumes;

    @Option(
            names = {"-c", "--compress"},
            paramLabel = "zstd[:LEVEL]|gzip[:LEVEL]|none",
            description = "How to compress the archive (default: zstd)")
    private @Nullable String compress;

    @Option(
            names = "--threads",
            paramLabel = "NUMBER",
            description = "How many threads compress (default: one for each processor)")
    private @Nullable Integer threads;

    @Option(
            names = "--drop-exec-sessions",
            description = "Let what ctr exec has started end with the container; it is not in the checkpoint")
    private boolean dropExecSessions;

    @Option(
            names = "--encrypt",
            paramLabel = "RECIPIENT|@FILE",
            description = "Encrypt the archive for this age recipient, or for those in a file; may be repeated")
    private List<String> encrypt = new ArrayList<>();

    @Option(names = "--print-stats", description = "Print how long everything took, as JSON")
    private boolean printStatistics;

    @Mixin
    private ProgressFlag progress = new ProgressFlag();

    @Mixin
    private CriuOptions criu = new CriuOptions();

    @Mixin
    private Selection selection = new Selection();

    public CheckpointCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        Compression compression = check();
        List<Target> targets =
                selection.targets(ctr.engine(), container -> Sources.isMeantByAll(container, ContainerStatus.RUNNING));
        if (!export.isEmpty() && targets.size() > 1) {
            throw new Failure("--export can only be used with one container, not with " + targets.size());
        }
        if (!createImage.isEmpty() && targets.size() > 1) {
            throw new Failure("--create-image can only be used with one container, not with " + targets.size());
        }
        targets.forEach(Target::container);
        Statistics statistics = new Statistics("checkpoint");
        int exitCode = ctr.each(targets, target -> {
            CheckpointResult result = checkpoint(target, compression);
            result.warnings().forEach(ctr::warn);
            if (printStatistics) {
                statistics.add(selection.typed(target), result);
            } else if (!export.equals(STANDARD_OUTPUT)) {
                ctr.output().line(target.shown()).flush();
            }
        });
        if (printStatistics) {
            print(statistics);
        }
        return exitCode;
    }

    /** podman's checks in podman's order. */
    private Compression check() {
        selection.checkNotEmpty();
        boolean exports = !export.isEmpty() || !createImage.isEmpty();
        if (compress != null && !exports) {
            throw new Failure("--compress can only be used with --export");
        }
        Compression compression = compress == null ? Compression.ZSTD : Compression.parse(compress);
        Root.require("checkpointing a container requires root");
        if (ignoreRootfs && !exports) {
            throw new Failure("--ignore-rootfs can only be used with --export");
        }
        if (ignoreVolumes && !exports) {
            throw new Failure("--ignore-volumes can only be used with --export");
        }
        chain.check(exports);
        if (threads != null && !exports) {
            throw new Failure("--threads can only be used with --export");
        }
        if (!encrypt.isEmpty() && !createImage.isEmpty()) {
            throw new Failure("--encrypt cannot be used with --create-image: images are not encrypted");
        }
        if (!encrypt.isEmpty() && !exports) {
            throw new Failure("--encrypt can only be used with --export");
        }
        if (threads != null && threads < 1) {
            throw new Failure("invalid argument \"" + threads + "\" for \"--threads\" flag: it must be at least 1");
        }
        criu.value();
        return compression;
    }

    private CheckpointResult checkpoint(Target target, Compression compression) {
        try (ProgressDisplay display = progress.open(ctr.streams().err())) {
            CheckpointOptions options = new CheckpointOptions()
                    .keep(keep)
                    .leaveRunning(leaveRunning)
                    .tcpEstablished(tcpEstablished)
                    .tcpClose(tcpClose)
                    .fileLocks(fileLocks)
                    .ignoreRootfs(ignoreRootfs)
                    .ignoreVolumes(ignoreVolumes)
                    .dropExecSessions(dropExecSessions)
                    .criu(criu.value())
                    .compression(compression)
                    .encryptFor(AgeKeys.recipients(encrypt))
                    .progress(display);
            chain.addTo(options);
            if (threads != null) {
                options.threads(threads);
            }
            if (!createImage.isEmpty()) {
                options.createImage(createImage);
            }
            if (export.equals(STANDARD_OUTPUT)) {
                options.exportTo(ctr.streams().out());
            } else if (!export.isEmpty()) {
                options.exportTo(Path.of(export));
            }
            return target.container().checkpoint(options);
        }
    }

    /** Beside an archive on standard output there is no room for anything else. */
    private void print(Statistics statistics) {
        if (export.equals(STANDARD_OUTPUT)) {
            ctr.note(statistics.toJson());
        } else {
            ctr.output().line(statistics.toJson());
        }
    }
}

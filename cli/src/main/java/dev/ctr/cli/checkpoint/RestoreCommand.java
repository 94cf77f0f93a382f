package dev.ctr.cli.checkpoint;

import dev.ctr.cli.container.Selection;
import dev.ctr.cli.container.Target;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.ProgressDisplay;
import dev.ctr.cli.value.Ports;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.RestoreOptions;
import dev.ctr.lifecycle.RestoreResult;
import dev.ctr.lifecycle.network.PortMapping;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctr restore}: lets checkpointed containers go on, or adds one from an archive. */
@Command(
        name = "restore",
        description = "Let containers go on from a checkpoint, in place or from an archive",
        footer = {
            "",
            "Examples:",
            "  ctr restore web",
            "  ctr restore --import web.tar.zst --tcp-established",
            "  ctr restore -i web.tar.zst --name web2 --publish 8081:80",
            "  ssh other ctr checkpoint -e - web | ctr restore -i -"
        })
public final class RestoreCommand extends Verb {
    private static final String STANDARD_INPUT = "-";

    @Option(
            names = {"-k", "--keep"},
            description = "Keep the checkpoint and CRIU's logs")
    private boolean keep;

    @Option(
            names = {"-i", "--import"},
            paramLabel = "FILE|-",
            description = "Add a container from this archive, or from standard input")
    private String importFrom = "";

    @Option(
            names = {"-n", "--name"},
            paramLabel = "NAME",
            description = "With --import: a new name, ID, address and MAC")
    private String name = "";

    @Option(names = "--tcp-established", description = "Restore established TCP connections")
    private boolean tcpEstablished;

    @Option(names = "--tcp-close", description = "Close the TCP connections that the checkpoint has")
    private boolean tcpClose;

    @Option(names = "--file-locks", description = "Restore file locks")
    private boolean fileLocks;

    @Option(names = "--ignore-rootfs", description = "With --import: do not apply changes to the root file system")
    private boolean ignoreRootfs;

    @Option(names = "--ignore-volumes", description = "With --import: do not restore the content of volumes")
    private boolean ignoreVolumes;

    @Option(names = "--ignore-static-ip", description = "Take any free address")
    private boolean ignoreStaticIp;

    @Option(names = "--ignore-static-mac", description = "Take any MAC address")
    private boolean ignoreStaticMac;

    @Option(
            names = {"-p", "--publish"},
            paramLabel = "[[IP:][HOST-PORT]:]PORT[/PROTOCOL]",
            description = "With --import: publish these ports in place of the archive's")
    private List<String> publish = new ArrayList<>();

    @Option(
            names = "--rootfs",
            paramLabel = "DIR",
            description = "With --import: the root file system, in place of the one that the archive names")
    private @Nullable Path rootfs;

    @Option(names = "--print-stats", description = "Print how long everything took, as JSON")
    private boolean printStatistics;

    @Option(names = "--progress", paramLabel = "auto|json", description = "How to show progress on standard error")
    private ProgressDisplay.Style progress = ProgressDisplay.Style.AUTO;

    @Mixin
    private CriuOptions criu = new CriuOptions();

    @Mixin
    private Selection selection = new Selection();

    public RestoreCommand(Invocation ctr) {
        super(ctr);
    }

    @Override
    public Integer call() {
        List<PortMapping> ports = check();
        Statistics statistics = new Statistics("restore");
        int exitCode = importFrom.isEmpty() ? restoreInPlace(ports, statistics) : importArchive(ports, statistics);
        if (printStatistics) {
            ctr.output().line(statistics.toJson());
        }
        return exitCode;
    }

    /** podman's checks in podman's order. */
    private List<PortMapping> check() {
        if (selection.latest() && !selection.all() && !selection.names().isEmpty()) {
            throw new Failure("--all or --latest and containers cannot be used together");
        }
        selection.check();
        Root.require("restoring a container requires root");
        boolean imports = !importFrom.isEmpty();
        requireImport(imports, ignoreRootfs, "--ignore-rootfs");
        requireImport(imports, ignoreVolumes, "--ignore-volumes");
        requireImport(imports, !name.isEmpty(), "--name");
        if (!name.isEmpty() && tcpEstablished) {
            throw new Failure("--tcp-established cannot be used with --name");
        }
        requireImport(imports, !publish.isEmpty(), "--publish");
        requireImport(imports, rootfs != null, "--rootfs");
        if (imports) {
            if (selection.all() || selection.latest()) {
                throw new Failure("cannot use --import with --all or --latest");
            }
            if (!selection.names().isEmpty()) {
                throw new Failure("cannot use --import with positional arguments");
            }
        } else {
            selection.checkNotEmpty();
        }
        criu.value();
        return Ports.parse(publish);
    }

    private static void requireImport(boolean imports, boolean given, String flag) {
        if (given && !imports) {
            throw new Failure(flag + " can only be used with image or --import");
        }
    }

    private int importArchive(List<PortMapping> ports, Statistics statistics) {
        try (ProgressDisplay display =
                ProgressDisplay.open(progress, ctr.streams().err())) {
            RestoreOptions options = options(ports).progress(display);
            RestoreResult result = importFrom.equals(STANDARD_INPUT)
                    ? ctr.engine().restore(ctr.streams().in(), options)
                    : ctr.engine().restore(Path.of(importFrom), options);
            done(result.id().hex(), "", result, statistics);
        }
        return 0;
    }

    private int restoreInPlace(List<PortMapping> ports, Statistics statistics) {
        List<Target> targets =
                selection.targets(ctr.engine(), container -> container.state().status() == ContainerStatus.EXITED);
        targets.forEach(RestoreCommand::find);
        return ctr.each(targets, target -> {
            Container container = find(target);
            try (ProgressDisplay display =
                    ProgressDisplay.open(progress, ctr.streams().err())) {
                RestoreResult result = container.restore(options(ports).progress(display));
                done(target.shown(), selection.typed(target), result, statistics);
            }
        });
    }

    private static Container find(Target target) {
        try {
            return target.container();
        } catch (EngineException e) {
            if (e.code() == EngineException.Code.NO_SUCH_CONTAINER) {
                throw new EngineException(e.code(), "no such container or image: " + target.shown(), e);
            }
            throw e;
        }
    }

    private void done(String shown, String typed, RestoreResult result, Statistics statistics) {
        result.warnings().forEach(ctr::warn);
        if (printStatistics) {
            statistics.add(typed, result);
        } else {
            ctr.output().line(shown).flush();
        }
    }

    private RestoreOptions options(List<PortMapping> ports) {
        RestoreOptions options = new RestoreOptions()
                .keep(keep)
                .tcpEstablished(tcpEstablished)
                .tcpClose(tcpClose)
                .fileLocks(fileLocks)
                .ignoreRootfs(ignoreRootfs)
                .ignoreVolumes(ignoreVolumes)
                .ignoreStaticIp(ignoreStaticIp)
                .ignoreStaticMac(ignoreStaticMac)
                .archiveRuntime(!ctr.settings().runtimeGiven())
                .criu(criu.value());
        if (!name.isEmpty()) {
            options.name(name);
        }
        if (!ports.isEmpty()) {
            options.ports(ports);
        }
        if (rootfs != null) {
            options.rootfs(rootfs);
        }
        return options;
    }
}

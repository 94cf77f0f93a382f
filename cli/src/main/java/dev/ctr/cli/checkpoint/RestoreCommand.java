package dev.ctr.cli.checkpoint;

import dev.ctr.cli.container.Selection;
import dev.ctr.cli.container.Target;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import dev.ctr.cli.invocation.Verb;
import dev.ctr.cli.output.ProgressDisplay;
import dev.ctr.cli.output.ProgressFlag;
import dev.ctr.cli.value.AgeKeys;
import dev.ctr.cli.value.Ports;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.RestoreOptions;
import dev.ctr.lifecycle.RestorePolicy;
import dev.ctr.lifecycle.RestoreResult;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.network.PortMapping;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctr restore}: lets checkpointed containers go on, or adds one from an archive. */
@Command(
        name = "restore",
        description = "Let containers go on from a checkpoint, in place, from an archive or from images",
        footer = {
            "",
            "Examples:",
            "  ctr restore web",
            "  ctr restore --import web.tar.zst --tcp-established",
            "  ctr restore -i web.tar.zst --name web2 --publish 8081:80",
            "  ctr restore -i web.tar.zst.age --identity key.txt --require-manifest",
            "  ctr restore -i web.tar.zst --import-previous base.tar.zst --import-previous second.tar.zst",
            "  ssh other ctr checkpoint -e - web | ctr restore -i -",
            "  ctr restore web-checkpoint --name web3",
            "  ctr restore --import member.tar.zst --pod other-pod"
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
            names = "--import-previous",
            paramLabel = "FILE",
            description = "With --import: an archive with levels of the chain that the checkpoint rests on; any number,"
                    + " in any order")
    private List<Path> importPrevious = new ArrayList<>();

    @Option(
            names = {"-n", "--name"},
            paramLabel = "NAME",
            description = "With --import or an image: a new name, ID, address and MAC")
    private String name = "";

    @Option(
            names = "--pod",
            paramLabel = "POD",
            description =
                    "With --import or an image: the pod to restore a pod's member into, which must share the same")
    private String pod = "";

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

    @Option(
            names = "--identity",
            paramLabel = "FILE",
            description = "With --import: a file with the secret key of a recipient of an encrypted archive")
    private List<Path> identity = new ArrayList<>();

    @Option(
            names = "--require-manifest",
            description = "With --import: refuse an archive that cannot be checked byte for byte")
    private boolean requireManifest;

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "With --import: what the archive may ask of this host, in place of the setting policy")
    private String policy = "";

    @Option(names = "--print-stats", description = "Print how long everything took, as JSON")
    private boolean printStatistics;

    @Mixin
    private ProgressFlag progress = new ProgressFlag();

    @Mixin
    private CriuOptions criu = new CriuOptions();

    @Mixin
    private Selection selection = new Selection();

    private Sources sources = Sources.NONE;

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
        sources = Sources.of(ctr.engine(), selection);
        boolean imports = !importFrom.isEmpty() || sources.areImages();
        requireImport(imports, !importPrevious.isEmpty(), "--import-previous");
        requireImport(imports, ignoreRootfs, "--ignore-rootfs");
        requireImport(imports, ignoreVolumes, "--ignore-volumes");
        requireImport(imports, !name.isEmpty(), "--name");
        if (!name.isEmpty() && tcpEstablished) {
            throw new Failure("--tcp-established cannot be used with --name");
        }
        requireImport(imports, !pod.isEmpty(), "--pod");
        requireImport(imports, !publish.isEmpty(), "--publish");
        requireImport(imports, rootfs != null, "--rootfs");
        requireImport(imports, !identity.isEmpty(), "--identity");
        requireImport(imports, requireManifest, "--require-manifest");
        requireImport(imports, !policy.isEmpty(), "--policy");
        if (!importFrom.isEmpty()) {
            if (selection.all() || selection.latest()) {
                throw new Failure("cannot use --import with --all or --latest");
            }
            if (!selection.names().isEmpty()) {
                throw new Failure("cannot use --import with positional arguments");
            }
        } else {
            selection.checkNotEmpty();
            sources.checkName(name);
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
        try (ProgressDisplay display = progress.open(ctr.streams().err())) {
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
                selection.targets(ctr.engine(), container -> Sources.isMeantByAll(container, ContainerStatus.EXITED));
        targets.forEach(sources::image);
        return ctr.each(targets, target -> {
            try (ProgressDisplay display = progress.open(ctr.streams().err())) {
                RestoreOptions options = options(ports).progress(display);
                Optional<Image> image = sources.image(target);
                if (image.isPresent()) {
                    RestoreResult result = ctr.engine().restore(image.get(), options);
                    done(result.id().hex(), selection.typed(target), result, statistics);
                } else {
                    RestoreResult result = target.container().restore(options);
                    done(target.shown(), selection.typed(target), result, statistics);
                }
            }
        });
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
                .criu(criu.value())
                .importPrevious(importPrevious);
        if (!name.isEmpty()) {
            options.name(name);
        }
        if (!ports.isEmpty()) {
            options.ports(ports);
        }
        if (!pod.isEmpty()) {
            options.pod(pod);
        }
        if (rootfs != null) {
            options.rootfs(rootfs);
        }
        if (!importFrom.isEmpty()) {
            RestorePolicy granted = ctr.settings().restorePolicy(policy);
            options.policy(requireManifest ? granted.requiringManifest() : granted);
            options.identities(AgeKeys.identities(identity));
        }
        return options;
    }
}

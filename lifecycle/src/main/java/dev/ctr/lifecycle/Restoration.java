package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.archive.ArchiveEntries;
import dev.ctr.archive.Compression;
import dev.ctr.archive.ExtractionOptions;
import dev.ctr.archive.TarExtractor;
import dev.ctr.criu.CriuConfigurationFile;
import dev.ctr.criu.CriuLog;
import dev.ctr.criu.CriuStatistics;
import dev.ctr.criu.RestoreStatistics;
import dev.ctr.criu.linux.BootId;
import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.lifecycle.PendingOperation.Kind;
import dev.ctr.lifecycle.event.EventStatus;
import dev.ctr.lifecycle.network.NetworkOptions;
import dev.ctr.lifecycle.network.NetworkStatus;
import dev.ctr.lifecycle.runtime.Conmon;
import dev.ctr.lifecycle.storage.RootFilesystem;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lets a container go on from the CRIU images in its bundle: makes what it has on this host, fills it with what the
 * checkpoint saved of it, and has the runtime restore the processes. If any step fails, the container is as it was before.
 */
final class Restoration {
    private final LockedContainer container;
    private final RestoreOptions options;
    private final ContainerPaths paths;
    private RestoreTimes times = new RestoreTimes();
    private final Collection<String> warnings;
    private final PausedResume pausedResume;
    private final Optional<TakingOver> takingOver;

    /** The addresses that it has got; empty until it has joined its networks. */
    private Optional<Map<String, NetworkStatus>> addresses = Optional.empty();

    /** @param warnings what is to be said besides in the end, one sentence each */
    Restoration(LockedContainer container, RestoreOptions options, Collection<String> warnings) {
        this(container, options, warnings, Optional.empty());
    }

    /** @param takingOver what holds the container until it may run, if anything does */
    Restoration(
            LockedContainer container,
            RestoreOptions options,
            Collection<String> warnings,
            Optional<TakingOver> takingOver) {
        this.takingOver = takingOver;
        this.container = container;
        this.options = options;
        this.paths = container.paths();
        this.warnings = warnings;
        this.pausedResume = new PausedResume(container);
    }

    /** Goes on with what has measured the restore from an earlier beginning. */
    void measureBy(RestoreTimes earlier) {
        times = earlier;
    }

    /** Restores a container that was checkpointed here. */
    RestoreResult inPlace() throws IOException, InterruptedException {
        check();
        times.unpacked();
        forgetStaticAddresses();
        container.begin(PendingOperation.of(Kind.RESTORE));
        try {
            new Dependencies(container.engine(), container.config()).start();
            RestoreResult result = result(restore());
            tidy();
            return result;
        } catch (RuntimeException | IOException | InterruptedException e) {
            Undo.after(e, container::tearDown);
            throw e;
        }
    }

    private void check() throws IOException {
        if (!container.state().status().canRestore()) {
            throw container.stateImproper(
                    "container " + container.config().id() + " is running or paused, cannot restore");
        }
        Optional<ExportedCheckpoint> exported = ExportedCheckpoint.find(paths);
        if (!CheckpointFiles.isRestorable(paths) && exported.isPresent()) {
            exported.get().bringBack(container);
        }
        if (!CheckpointFiles.isRestorable(paths)) {
            throw new EngineException(
                    EngineException.Code.STATE_IMPROPER,
                    "a complete checkpoint for this container cannot be found, cannot restore: there is no "
                            + paths.checkpoint().resolve("inventory.img"));
        }
    }

    /** Drops static addresses for good where that is asked for. */
    void forgetStaticAddresses() throws IOException {
        if (!options.ignoreStaticIp && !options.ignoreStaticMac) {
            return;
        }
        container.save(container.config().with(json -> {
            for (JsonNode network : json.withObjectProperty("newNetworks")) {
                if (network instanceof com.fasterxml.jackson.databind.node.ObjectNode object) {
                    if (options.ignoreStaticIp) {
                        object.remove("static_ips");
                    }
                    if (options.ignoreStaticMac) {
                        object.remove("static_mac");
                    }
                }
            }
        }));
    }

    /**
     * Joins the networks ahead of {@link #restore}, which does so otherwise, and finds out whether the rest can be made: mounts the
     * root file system, and unmounts it again, since it may still get its content.
     */
    void tryOut() throws IOException, InterruptedException {
        joinNetworks();
        ContainerResources resources = container.resources();
        RootFilesystem root = resources.rootFilesystem();
        root.mount();
        try {
            resources.publish(addresses.orElseThrow());
            if (container.config().namedVolumes().isEmpty()) {
                new BundleSpec(container.engine(), container.config(), resources).complete();
            }
        } finally {
            root.unmount();
        }
    }

    private void joinNetworks() throws IOException, InterruptedException {
        boolean held = takingOver.isPresent() || options.tcpEstablished;
        addresses = Optional.of(container.resources().joinNetworks(networks(), held));
    }

    /**
     * Restores the processes, and saves that they run.
     *
     * @return how long the runtime took
     */
    Duration restore() throws IOException, InterruptedException {
        new Dependencies(container.engine(), container.config()).requireRunning();
        try (JoinedNamespaces joined = JoinedNamespaces.open(container.engine(), container.config())) {
            return restore(joined);
        }
    }

    private Duration restore(JoinedNamespaces joined) throws IOException, InterruptedException {
        ContainerResources resources = container.resources();
        resources.mount();
        if (addresses.isEmpty()) {
            joinNetworks();
        }
        resources.publish(addresses.orElseThrow());
        BundleSpec spec = new BundleSpec(container.engine(), container.config(), resources);
        spec.write(joined.addTo(spec.complete()));
        if (Files.isDirectory(paths.shm())) {
            fill(paths.bundle().resolve(ArchiveEntries.DEVSHM_TAR), paths.shm(), options.policy);
        }
        joined.adapt(paths.checkpoint());
        times.prepared();
        options.progress.report("restore", 0, 0);
        long begin = System.nanoTime();
        long pid = runtimeRestore();
        pausedResume.finish();
        Duration runtime = Duration.ofNanos(System.nanoTime() - begin);
        ProcessIdentity process = ProcessIdentity.of(pid)
                .orElseThrow(() -> new EngineException(
                        EngineException.Code.RUNTIME,
                        "the first process of " + container.config().name() + " ended as soon as it was restored"));
        joined.verify(process);
        long conmonPid = container.conmonPid();
        container.save(container.state().restored(process, conmonPid, Instant.now(), BootId.current()));
        container.publishPids(pid, conmonPid);
        container.record(EventStatus.RESTORE);
        return runtime;
    }

    /** Unpacks a saved tar into a directory, if there is one. */
    static void fill(Path tar, Path directory, RestorePolicy policy) throws IOException {
        if (Files.exists(tar)) {
            try (InputStream in = new BufferedInputStream(Files.newInputStream(tar), 1 << 16)) {
                TarExtractor.extract(
                        Compression.decompress(in, tar.getFileName().toString()),
                        tar.getFileName().toString(),
                        directory,
                        ExtractionOptions.EXACT.with(policy.limitsOfTrees()));
            }
        }
    }

    private CriuConfigurationFile criuConfiguration() {
        CriuConfigurationFile file = options.criu.addTo(new CriuConfigurationFile());
        return options.tcpClose ? file.with("tcp-close") : file;
    }

    private long runtimeRestore() throws IOException, InterruptedException {
        CriuConfigurationFile file = criuConfiguration();
        Conmon.Request request = container.conmonRequest();
        if (takingOver.isPresent()) {
            return takingOver.get().restore(container, file, pausedResume.prepare(), () -> conmonRestore(request));
        }
        if (!options.tcpEstablished) {
            pausedResume.addTo(file).write(BundleSpec.criuConfiguration(paths));
            return conmonRestore(request);
        }
        LateJoin join = LateJoin.write(container, pausedResume.prepare());
        join.addTo(file).write(BundleSpec.criuConfiguration(paths));
        long pid = conmonRestore(request);
        join.delete();
        return pid;
    }

    private long conmonRestore(Conmon.Request request) {
        List<String> arguments = new ArrayList<>();
        if (options.tcpEstablished) {
            arguments.add("--tcp-established");
        }
        if (options.fileLocks) {
            arguments.add("--file-locks");
        }
        try {
            return container
                    .engine()
                    .conmon(container.config())
                    .restore(
                            request,
                            paths.checkpoint(),
                            arguments,
                            takingOver.map(held -> TakingOver.resumedMark(paths)));
        } catch (EngineException e) {
            throw new EngineException(
                    e.code(), "cannot restore " + container.config().name() + ": " + advised(criuReason(e)), e);
        }
    }

    private String criuReason(EngineException e) {
        try {
            List<String> reasons = CriuLog.decisiveLines(paths.bundle().resolve("restore.log"));
            return reasons.isEmpty() ? String.valueOf(e.getMessage()) : String.join("; ", reasons);
        } catch (IOException unreadable) {
            e.addSuppressed(unreadable);
            return String.valueOf(e.getMessage());
        }
    }

    private String advised(String reason) {
        boolean sharesProcesses =
                container.config().sharedNamespace(NamespaceKind.PID).isPresent();
        return sharesProcesses && reason.contains("Can't fork for")
                ? reason
                        + "; another process of the PID namespace that it is to share has that number: restore it into another"
                        + " pod"
                : CriuAdvice.addTo(reason);
    }

    /** The networks as configured, asking for the addresses that the container had unless it is to get others. */
    private Map<String, NetworkOptions> networks() throws IOException {
        Map<String, NetworkOptions> networks =
                new LinkedHashMap<>(container.config().networks());
        if (options.name != null || (options.ignoreStaticIp && options.ignoreStaticMac)) {
            return networks;
        }
        savedStatus()
                .forEach((network, status) ->
                        networks.computeIfPresent(network, (name, join) -> asBefore(join, status)));
        return networks;
    }

    private Map<String, NetworkStatus> savedStatus() throws IOException {
        Path file = paths.bundle().resolve(ArchiveEntries.NETWORK_STATUS);
        return Files.exists(file) ? NetworkStatus.mapFromJson(Json.read(file)) : Map.of();
    }

    private NetworkOptions asBefore(NetworkOptions join, NetworkStatus before) {
        Optional<Map.Entry<String, NetworkStatus.NetworkInterfaceStatus>> had =
                before.interfaces().entrySet().stream().findFirst();
        if (had.isEmpty()) {
            return join;
        }
        NetworkStatus.NetworkInterfaceStatus status = had.get().getValue();
        List<String> ips = options.ignoreStaticIp
                ? join.staticIps()
                : status.subnets().stream().map(NetworkStatus.Address::ip).toList();
        String mac = options.ignoreStaticMac ? join.staticMac() : status.macAddress();
        return new NetworkOptions(had.get().getKey(), ips, mac, join.aliases());
    }

    private Optional<RestoreStatistics> statistics() throws IOException {
        Path file = paths.bundle().resolve(CriuStatistics.RESTORE_FILE);
        return Files.exists(file) ? Optional.of(CriuStatistics.readRestore(file)) : Optional.empty();
    }

    RestoreResult result(Duration runtime) throws IOException {
        List<String> all = new ArrayList<>(warnings);
        if (container.state().status() == ContainerStatus.PAUSED) {
            all.add(container.config().name()
                    + " was paused when it was checkpointed, and is now: unpause it to let it go on");
        }
        return new RestoreResult(
                container.config().id(),
                times.phases(),
                runtime,
                takingOver.flatMap(TakingOver::resumed).orElseGet(Instant::now),
                times.total(),
                statistics(),
                List.copyOf(all));
    }

    /** Deletes the checkpoint, which now goes on as a running container, unless it is to be kept. */
    void tidy() throws IOException {
        if (options.keep) {
            return;
        }
        CheckpointFiles.deleteUnpacked(paths);
        CheckpointFiles.deleteLogs(paths);
    }
}

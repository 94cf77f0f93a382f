package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.archive.ArchiveEntries;
import dev.ctr.archive.TarPlan;
import dev.ctr.criu.CriuConfigurationFile;
import dev.ctr.criu.CriuLog;
import dev.ctr.criu.CriuStatistics;
import dev.ctr.criu.DumpStatistics;
import dev.ctr.criu.Gate;
import dev.ctr.criu.GateScript;
import dev.ctr.lifecycle.PendingOperation.Kind;
import dev.ctr.lifecycle.event.EventStatus;
import dev.ctr.lifecycle.network.NetworkStatus;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Freezes a running container into CRIU images, in its bundle or as an archive.
 *
 * <ol>
 *   <li>the runtime has CRIU dump the container, which stops at a gate with the images complete and the tasks frozen;
 *   <li>while they are, what belongs to the same moment is saved: /dev/shm, the addresses, and for an archive the root file
 *       system's changes and the volumes;
 *   <li>the gate opens: the tasks end, or go on if they are to be left running. If anything failed before, the gate refuses,
 *       and the tasks go on as if nothing had happened;
 *   <li>the archive, if any, gets what is known only now and appears under its name.
 * </ol>
 */
final class Checkpoint {
    /** Two blocks of zeros end a tar. */
    private static final int EMPTY_TAR_BYTES = 1024;

    private final LockedContainer container;
    private final CheckpointOptions options;
    private final ContainerPaths paths;
    private final CheckpointSessions sessions;
    private final List<String> warnings = new ArrayList<>();

    Checkpoint(LockedContainer container, CheckpointOptions options) {
        this.container = container;
        this.options = options;
        this.paths = container.paths();
        this.sessions = new CheckpointSessions(container);
    }

    CheckpointResult run() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        check();
        ChainEnd previous = ChainEnd.of(container, options);
        CheckpointFiles.deleteLogs(paths);
        CheckpointFiles.deleteImages(paths);
        ExportedCheckpoint.forget(paths);
        Files.createDirectories(paths.checkpoint());
        try (ArchiveExport export = ArchiveExport.open(container, options)) {
            container.begin(new PendingOperation(
                    Kind.CHECKPOINT, export.temporaryFile().map(Path::toString).orElse(null)));
            if (options.exportFile != null && !options.keep && !options.withPrevious) {
                CheckpointMemory.mountIfThereIsRoom(container);
            }
            previous.makeRoom();
            previous.export(export, options);
            long dumpNanos = dump(export, previous);
            long archiveBegin = System.nanoTime();
            settle(export, previous);
            Optional<DumpStatistics> statistics = statistics().map(previous::correct);
            Duration archiving = Duration.ofNanos(export.frozenNanos() + System.nanoTime() - archiveBegin);
            warnings.addAll(export.warnings());
            tidy();
            return new CheckpointResult(
                    container.config().id(),
                    Duration.ofNanos(dumpNanos - export.frozenNanos()),
                    options.exports() ? archiving : Duration.ZERO,
                    export.bytesWritten(),
                    Duration.ofNanos(System.nanoTime() - begin),
                    statistics,
                    warnings);
        }
    }

    private Optional<DumpStatistics> statistics() throws IOException {
        Path file = paths.bundle().resolve(CriuStatistics.DUMP_FILE);
        return Files.exists(file) ? Optional.of(CriuStatistics.readDump(file)) : Optional.empty();
    }

    void check() throws IOException {
        ContainerConfig config = container.config();
        if (!container.state().status().canCheckpoint()) {
            throw container.stateImproper(
                    "\"" + container.state().status().word() + "\" is not running, cannot checkpoint");
        }
        if (config.removeOnExit() && !options.exports()) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "cannot checkpoint containers that have been started with '--rm' unless '--export' is used");
        }
        PodMemberCheckpoint.check(container, options).ifPresent(warnings::add);
        sessions.check(options).ifPresent(warnings::add);
    }

    /** Dumps, and returns how long that took. On failure the container runs and its state says so. */
    private long dump(ArchiveExport export, ChainEnd previous) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        options.progress.report("dump", 0, 0);
        try (Gate gate = Gate.open(paths.runDirectory().resolve("gate"), GateScript.DUMP)) {
            configuration().with("action-script", gate.script().toString()).write(criuConfiguration());
            CompletableFuture<Void> dumping = Background.run("checkpoint", this::runtimeCheckpoint);
            orRefuse(gate, dumping, export::writeDescription);
            gate.awaitReached(dumping);
            orRefuse(gate, dumping, () -> saveFrozen(export, previous));
            gate.pass();
            awaitEnd(gate, dumping);
            return System.nanoTime() - begin;
        } catch (CompletionException e) {
            throw goesOn(criuReason(e), e);
        }
    }

    /** Waits for the runtime, and for CRIU, which goes on if the runtime is killed. */
    private static void awaitEnd(Gate gate, CompletableFuture<Void> dumping) throws IOException, InterruptedException {
        try {
            dumping.join();
        } catch (CompletionException e) {
            gate.awaitEnd();
            throw e;
        }
    }

    /** Something without which the dump must not succeed. */
    private interface Saving {
        void run() throws IOException;
    }

    private void orRefuse(Gate gate, CompletableFuture<Void> dumping, Saving saving) throws IOException {
        try {
            saving.run();
        } catch (IOException | RuntimeException e) {
            gate.refuse();
            dumping.exceptionally(refused -> null).join();
            Undo.after(e, gate::awaitEnd);
            throw goesOn(String.valueOf(e.getMessage()), e);
        }
    }

    void runtimeCheckpoint() {
        List<String> arguments = new ArrayList<>();
        if (options.leaveRunning) {
            arguments.add("--leave-running");
        }
        if (options.tcpEstablished) {
            arguments.add("--tcp-established");
        }
        if (options.fileLocks) {
            arguments.add("--file-locks");
        }
        container.runtime().checkpoint(container.id(), paths.checkpoint(), paths.bundle(), arguments);
    }

    CriuConfigurationFile configuration() {
        CriuConfigurationFile file =
                PodMemberCheckpoint.configure(options.criu.addTo(new CriuConfigurationFile()), container, options);
        return options.tcpClose ? file.with("tcp-close") : file;
    }

    private Path criuConfiguration() {
        return BundleSpec.criuConfiguration(paths);
    }

    /** Saves what must be of the same moment as the memory. */
    void saveFrozen(ArchiveExport export, ChainEnd previous) throws IOException {
        Path shm = paths.bundle().resolve(ArchiveEntries.DEVSHM_TAR);
        if (Files.isDirectory(paths.shm())) {
            TarPlan plan = TarPlan.ofDirectory(paths.shm());
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(shm), 1 << 16)) {
                plan.writeTo(out);
            }
        } else {
            // A shared /dev/shm belongs to another container, or to the host.
            Files.write(shm, new byte[EMPTY_TAR_BYTES]);
        }
        Files.write(paths.bundle().resolve(ArchiveEntries.NETWORK_STATUS), Json.pretty(networkStatus(container)));
        if (!options.leaveRunning) {
            previous.reduce();
        }
        export.writeFrozen(networkStatus(container));
    }

    /** The addresses that it has, as an archive tells of them. */
    static JsonNode networkStatus(LockedContainer container) throws IOException {
        return container.config().ownsNetworkNamespace()
                        && !container.config().networks().isEmpty()
                ? NetworkStatus.mapToJson(container.resources().networkStatus())
                : Json.MAPPER.nullNode();
    }

    /** Why a dump failed, in CRIU's own words where it left any. */
    String criuReason(CompletionException failure) throws IOException {
        List<String> reasons = CriuLog.decisiveLines(paths.bundle().resolve("dump.log"));
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return reasons.isEmpty() ? String.valueOf(cause.getMessage()) : CriuAdvice.addTo(String.join("; ", reasons));
    }

    /** The failure of a dump, after which the program goes on and nothing of the attempt is left, unless CRIU has ended it. */
    private EngineException goesOn(String reason, Exception cause) {
        Undo.after(
                cause,
                () -> new Recovery(container).run(container.state().pending().orElseThrow()),
                this::deleteSavedUnlessItStands);
        return new EngineException(
                EngineException.Code.RUNTIME,
                "cannot checkpoint " + container.config().name() + ": " + reason + outcome(),
                cause);
    }

    /** What is to be said if CRIU has ended the program although the dump did not end well. */
    private String outcome() {
        return stands() ? "; the program has ended, and its checkpoint is whole: ctr restore lets it go on" : "";
    }

    private boolean stands() {
        return container.state().status() == ContainerStatus.EXITED && CheckpointFiles.isRestorable(paths);
    }

    /** Saves the outcome, finishes the archive, and lets go of what the container had on this host. */
    private void settle(ArchiveExport export, ChainEnd previous) throws IOException, InterruptedException {
        container.save(container.state().dumped(!options.leaveRunning, Instant.now()));
        if (options.leaveRunning) {
            previous.reduce();
            export.finish();
            export.commit();
            container.save(container.state().withNothingPending());
            container.record(EventStatus.CHECKPOINT);
            return;
        }
        container.saveEnd();
        finishLastCopy(export);
        container.saveReleased();
        container.record(EventStatus.CLEANUP);
    }

    /**
     * Finishes the archive of a program that is no more: what of it is in memory goes only when the archive is there. While the
     * disk takes the archive, the container lets go of what it had on this host.
     */
    private void finishLastCopy(ArchiveExport export) throws IOException, InterruptedException {
        try {
            export.finish();
            container.record(EventStatus.CHECKPOINT);
            sessions.recordEnds();
            try {
                container.letGo();
            } finally {
                export.commit();
            }
            if (options.exportFile != null && CheckpointMemory.holdsImages(paths)) {
                ExportedCheckpoint.note(paths, options.exportFile);
                CheckpointFiles.deleteImages(paths);
            }
        } catch (IOException | RuntimeException | InterruptedException e) {
            Undo.after(e, () -> CheckpointMemory.persist(paths));
            throw e;
        }
    }

    /** Leaves what a restore in place needs, and the logs only if asked for. */
    private void tidy() throws IOException, InterruptedException {
        if (options.exports() && container.config().removeOnExit() && !options.leaveRunning) {
            Removal.remove(container, true);
            return;
        }
        if (options.exports() && options.leaveRunning) {
            CheckpointFiles.deleteImages(paths);
            deleteSaved();
        }
        if (!options.keep) {
            CheckpointFiles.deleteLogs(paths);
        }
    }

    /** After a failure: deletes what was saved beside the images, unless the program has ended and it is part of its checkpoint. */
    void deleteSavedUnlessItStands() throws IOException {
        if (!stands()) {
            deleteSaved();
        }
    }

    private void deleteSaved() throws IOException {
        Files.deleteIfExists(paths.bundle().resolve(ArchiveEntries.DEVSHM_TAR));
        Files.deleteIfExists(paths.bundle().resolve(ArchiveEntries.NETWORK_STATUS));
    }
}

package dev.ctr.lifecycle;

import dev.ctr.criu.CriuConfigurationFile;
import dev.ctr.criu.Gate;
import dev.ctr.criu.GateScript;
import dev.ctr.criu.linux.Durable;
import dev.ctr.criu.linux.FileSystemSync;
import dev.ctr.lifecycle.HandOver.Outcome;
import dev.ctr.lifecycle.PendingOperation.Kind;
import dev.ctr.lifecycle.network.BridgePorts;
import dev.ctr.lifecycle.runtime.Freezer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Hands a running container over to another host.
 *
 * <ol>
 *   <li>the container is dumped as for a checkpoint, and cut off from its networks when it is frozen;
 *   <li>at the gate the tasks are frozen by their cgroup too, so that they stay even if CRIU dies; the whole archive goes to the other
 *       side, which restores and holds the container, while the images here are forced to the disk;
 *   <li>the container is noted as given away;
 *   <li>the other side is given the right to run. When it runs, the tasks are killed; when it never will, they go on here.
 * </ol>
 *
 * <p>Before the note is written any failure, and this process's death, lets the tasks go on. After it they stay as they are until
 * the other side's word is here, be it by {@link HandOverSettlement}.
 */
final class HandingOver {
    private final LockedContainer container;
    private final HandOverOptions options;
    private final HandOver handOver;
    private final CheckpointOptions dump;
    private final ContainerPaths paths;
    private final Checkpoint checkpoint;
    private final List<String> warnings = new ArrayList<>();
    private long archived;
    private HandOverResult.Content content = new HandOverResult.Content(0, 0, 0);

    HandingOver(LockedContainer container, HandOverOptions options, HandOver handOver) {
        this.container = container;
        this.options = options;
        this.handOver = handOver;
        this.dump = options.checkpoint();
        this.paths = container.paths();
        this.checkpoint = new Checkpoint(container, dump);
    }

    HandOverResult run() throws IOException, InterruptedException {
        dump.exportTo(OutputStream.nullOutputStream());
        if (dump.exportedLevels == null) {
            dump.exportedLevels = ExportedLevels.ONE;
        }
        checkpoint.check();
        ChainEnd previous = ChainEnd.of(container, dump);
        clear();
        handOver.rehearse(new Rehearsal(container, dump.compression));
        try (OutputStream out = handOver.archive();
                ArchiveExport export = ArchiveExport.open(container, dump.exportTo(out))) {
            container.begin(PendingOperation.handOver(options.token()));
            previous.makeRoom();
            previous.export(export, dump);
            return dump(export, out, previous);
        }
    }

    /** Makes room for the images, and forgets what an earlier attempt has left. */
    private void clear() throws IOException {
        CheckpointFiles.deleteLogs(paths);
        CheckpointFiles.deleteImages(paths);
        ExportedCheckpoint.forget(paths);
        GivenAway.delete(paths);
        Files.deleteIfExists(GivenAway.verdict(paths));
        Files.deleteIfExists(frozenMark());
        Files.createDirectories(paths.checkpoint());
    }

    private HandOverResult dump(ArchiveExport export, OutputStream out, ChainEnd previous)
            throws IOException, InterruptedException {
        long begin = System.nanoTime();
        dump.progress.report("dump", 0, 0);
        Optional<Freezer> freezer = Freezer.of(container.engine().cgroup(container.config()));
        Gate gate = Gate.open(gateScript(), script(freezer));
        CompletableFuture<Void> dumping;
        LastFiles files;
        long frozen;
        Duration sinceFreeze;
        try {
            configuration().with("action-script", gate.script().toString()).write(BundleSpec.criuConfiguration(paths));
            dumping = Background.run("checkpoint", checkpoint::runtimeCheckpoint);
            files = new LastFiles(Optional.ofNullable(dump.filesAhead), handOver, () -> isFrozen(freezer), dumping);
            gate.awaitReached(dumping);
            frozen = System.nanoTime();
            files.dumped();
            sinceFreeze = sinceFreeze().orElse(Duration.ofNanos(frozen - begin));
        } catch (IOException | RuntimeException e) {
            gate.close();
            throw goesOn(e);
        }
        try {
            freeze(freezer);
            hold(export, out, previous, files);
            new GivenAway(options.token(), options.remove()).write(paths);
        } catch (IOException | RuntimeException | InterruptedException e) {
            refuse(gate, dumping, freezer);
            throw goesOn(e);
        }
        long given = System.nanoTime();
        Outcome outcome = commit(gate);
        long committed = System.nanoTime();
        settle(outcome, gate, dumping, freezer);
        warnings.addAll(export.warnings());
        return new HandOverResult(
                outcome,
                Duration.ofNanos(frozen - begin),
                Duration.ofNanos(archived - frozen),
                Duration.ofNanos(given - archived),
                Duration.ofNanos(committed - given),
                sinceFreeze.plusNanos(committed - frozen),
                export.bytesWritten(),
                content,
                warnings);
    }

    /** Writes the archive, and waits until the other side holds what it has made of it and the images here are on the disk. */
    private void hold(ArchiveExport export, OutputStream out, ChainEnd previous, LastFiles files)
            throws IOException, InterruptedException {
        dump.progress.report("archive", 0, 0);
        checkpoint.saveFrozen(export, previous);
        export.finish();
        export.commit();
        out.close();
        FilesAhead.Content lastFiles = files.await();
        archived = System.nanoTime();
        content = content(export, lastFiles);
        CompletableFuture<Void> saved = Background.run("sync", () -> sync(paths.directory()));
        handOver.awaitHeld();
        join(saved);
    }

    private static void join(CompletableFuture<Void> step) throws IOException {
        try {
            step.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof UncheckedIOException failure ? failure.getCause() : new IOException(e);
        }
    }

    static void sync(Path directory) {
        try {
            FileSystemSync.of(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isFrozen(Optional<Freezer> freezer) throws IOException {
        return freezer.isPresent()
                && Files.exists(frozenMark())
                && freezer.get().isFrozen();
    }

    private static HandOverResult.Content content(ArchiveExport export, FilesAhead.Content files) throws IOException {
        HandOverResult.Content archive = export.content();
        return new HandOverResult.Content(
                archive.memory(), archive.rootfs() + files.rootfs(), archive.volumes() + files.volumes());
    }

    /** How long ago the tasks were frozen; empty if that was before the dump. */
    private Optional<Duration> sinceFreeze() throws IOException {
        Path mark = frozenMark();
        return Files.exists(mark)
                ? Optional.of(Duration.between(Files.getLastModifiedTime(mark).toInstant(), Instant.now()))
                : Optional.empty();
    }

    /** Made at the moment of the freeze: its time tells when that was. */
    private Path frozenMark() {
        return paths.runDirectory().resolve("frozen");
    }

    private Outcome commit(Gate gate) throws IOException {
        try {
            return handOver.commit();
        } catch (Exception e) {
            gate.leave();
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            EngineException doubt = new GivenAway(options.token(), options.remove())
                    .refusal(container.config().name());
            doubt.initCause(e);
            throw doubt;
        }
    }

    private void settle(Outcome outcome, Gate gate, CompletableFuture<Void> dumping, Optional<Freezer> freezer)
            throws IOException, InterruptedException {
        if (outcome == Outcome.NEVER_RAN) {
            refuse(gate, dumping, freezer);
            new Recovery(container).run(container.state().pending().orElseThrow());
            return;
        }
        container.engine().cgroup(container.config()).kill();
        thaw(freezer);
        gate.pass();
        // CRIU may miss the tasks that it was to end, which are no more.
        dumping.exceptionally(failed -> null).join();
        gate.awaitEnd();
        gate.close();
        HandOverSettlement.runsElsewhere(container, options.remove());
    }

    private void refuse(Gate gate, CompletableFuture<Void> dumping, Optional<Freezer> freezer)
            throws IOException, InterruptedException {
        if (!gate.isHeld()) {
            AbandonedDump.endRepair(container);
        }
        thaw(freezer);
        GivenAway.delete(paths);
        gate.refuse();
        dumping.exceptionally(refused -> null).join();
        boolean interrupted = Thread.interrupted();
        try (gate) {
            gate.awaitEnd();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void freeze(Optional<Freezer> freezer) throws IOException, InterruptedException {
        if (freezer.isPresent()) {
            freezer.get().freeze();
        }
    }

    private static void thaw(Optional<Freezer> freezer) throws IOException {
        if (freezer.isPresent()) {
            freezer.get().thaw();
        }
    }

    /** The networks are cut off by ctr, in less time and leaving no packet filter behind. */
    private CriuConfigurationFile configuration() {
        CriuConfigurationFile file = checkpoint.configuration();
        return container.config().ownsNetworkNamespace() ? file.with("network-lock", "skip") : file;
    }

    private Path gateScript() {
        return GivenAway.gate(paths);
    }

    private GateScript script(Optional<Freezer> freezer) throws IOException {
        BridgePorts ports = container.engine().networks().ports(paths.networkState());
        String thaw = freezer.map(Freezer::thawCommand).orElse(":");
        String alone = """
                verdict=1
                while [ -e %s ]; do
                  if { read -r word <%s; } 2>/dev/null; then
                    verdict=$word
                    break
                  fi
                  sleep 0.1
                done
                %s""".formatted(
                        GateScript.quoted(GivenAway.file(paths).toString()),
                        GateScript.quoted(GivenAway.verdict(paths).toString()),
                        thaw);
        return new GateScript(
                "post-dump",
                Map.of(
                        "pre-dump", freezer.map(this::freezeCommands).orElse(":"),
                        "network-lock", ports.cutOffCommands(),
                        "network-unlock", ports.letInCommands()),
                alone,
                ":");
    }

    /**
     * Freezes before CRIU does, which would look whether the tasks are frozen every 100 ms. CRIU leaves a cgroup that it found frozen
     * frozen; so a process is left behind that thaws it when CRIU has ended, in whichever way, and this process too or it is done with
     * the gate, unless the container was given away.
     */
    private String freezeCommands(Freezer freezer) {
        if (container.state().status() == ContainerStatus.PAUSED) {
            return ":";
        }
        return """
                (while [ -e /proc/$PPID ] || { [ -e %s ] && [ -e /proc/%d ]; }; do sleep 0.1; done
                [ -e %s ] || %s) </dev/null >/dev/null 2>&1 &
                : >%s
                %s
                true""".formatted(
                        GateScript.quoted(gateScript().toString()),
                        ProcessHandle.current().pid(),
                        GateScript.quoted(GivenAway.file(paths).toString()),
                        freezer.thawCommand(),
                        GateScript.quoted(frozenMark().toString()),
                        freezer.freezeCommands());
    }

    /** Leaves a verdict for a script whose process is gone. */
    static void leaveVerdict(ContainerPaths paths, Outcome outcome) throws IOException {
        String word = outcome == Outcome.RUNS ? "0\n" : "1\n";
        Durable.writeAtomically(
                GivenAway.verdict(paths), word.getBytes(StandardCharsets.US_ASCII), ContainerStore.OWNER_ONLY);
    }

    /** The failure of a hand-over before the container was given away: it goes on here. */
    private EngineException goesOn(Exception cause) throws IOException {
        if (cause instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        String reason = cause instanceof CompletionException failed
                ? checkpoint.criuReason(failed)
                : String.valueOf(cause.getMessage());
        EngineException error = new EngineException(
                cause instanceof InterruptedException ? EngineException.Code.CANCELLED : EngineException.Code.RUNTIME,
                "cannot hand over " + container.config().name() + ", which goes on here: " + reason,
                cause);
        boolean interrupted = Thread.interrupted();
        Undo.after(
                error,
                () -> new Recovery(container).run(PendingOperation.of(Kind.HAND_OVER)),
                checkpoint::deleteSavedUnlessItStands);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return error;
    }
}

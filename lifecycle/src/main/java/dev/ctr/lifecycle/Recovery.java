package dev.ctr.lifecycle;

import dev.ctr.criu.linux.BootId;
import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.lifecycle.event.EventStatus;
import dev.ctr.lifecycle.runtime.OciRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * Makes good for a process that died in the middle of an operation, or for a host that did. It goes forward where the
 * runtime has finished what was asked, and back otherwise; a program that runs is never ended by it, and a checkpoint that
 * is complete is never thrown away.
 */
final class Recovery {
    private final LockedContainer container;

    Recovery(LockedContainer container) {
        this.container = container;
    }

    /** Nothing runs after a reboot: what the state says of processes is about another boot. */
    void afterReboot() throws IOException, InterruptedException {
        CheckpointMemory.persist(container.paths());
        ContainerState state = container.state();
        Optional<PendingOperation> unfinishedImport =
                state.pending().filter(operation -> operation.kind() == PendingOperation.Kind.IMPORT);
        boolean wasAlive = state.status().isAlive() || state.status() == ContainerStatus.STOPPED;
        if (wasAlive
                || state.status() == ContainerStatus.CREATED
                || state.pending().isPresent()) {
            if (state.status().isAlive()) {
                container.save(state.ended(255, Instant.now()));
                container.recordDeath(255);
            }
            container.tearDown();
        }
        container.save(container.state().inBoot(BootId.current()));
        if (unfinishedImport.isPresent()) {
            finishImport(unfinishedImport.get());
        }
    }

    /** The state file cannot be read: the runtime knows what runs, and the rest follows from what lies in the directory. */
    void afterDamage() throws IOException, InterruptedException {
        container.awaitRuntimeProcesses();
        ContainerState state = ContainerState.configured(BootId.current());
        Optional<OciRuntime.Report> report = container.runtime().state(container.id());
        Optional<ProcessIdentity> process = report.flatMap(known -> ProcessIdentity.of(known.pid()));
        if (process.isPresent() && !report.get().status().equals("stopped")) {
            ContainerState alive = state.initialized(process.get(), container.conmonPid(), BootId.current());
            container.save(alive.begins(PendingOperation.of(PendingOperation.Kind.RUNTIME)));
            return;
        }
        Optional<Integer> exitCode = LockedContainer.exitCode(container.paths());
        if (exitCode.isPresent()) {
            state = state.started(container.config().createdAt()).ended(exitCode.get(), Instant.now());
        }
        CheckpointMemory.persist(container.paths());
        boolean hasCheckpoint = CheckpointFiles.isComplete(container.paths());
        container.save(hasCheckpoint ? state.dumped(true, Instant.now()) : state);
        container.tearDown();
    }

    void run(PendingOperation operation) throws IOException, InterruptedException {
        container.awaitRuntimeProcesses();
        if (operation.temporaryFile() != null) {
            Files.deleteIfExists(Path.of(operation.temporaryFile()));
        }
        switch (operation.kind()) {
            case INIT -> container.tearDown();
            case RUNTIME -> believeRuntime();
            case COMMIT -> finishCommit();
            case CHECKPOINT -> finishCheckpoint();
            case PRE_CHECKPOINT -> {
                CheckpointChain.deleteIncomplete(container.paths());
                believeRuntime();
            }
            case RESTORE -> finishRestore();
            case IMPORT -> finishImport(operation);
            case HAND_OVER -> {
                HandOverSettlement.undo(container);
                finishCheckpoint();
            }
        }
    }

    /** Takes over what the runtime says of the container. */
    private void believeRuntime() throws IOException, InterruptedException {
        Optional<OciRuntime.Report> report = container.runtime().state(container.id());
        switch (report.map(OciRuntime.Report::status).orElse("stopped")) {
            case "created" -> container.save(container.state().withNothingPending());
            case "running" -> container.save(runningState());
            case "paused" -> container.save(runningState().withStatus(ContainerStatus.PAUSED));
            default -> {
                container.save(container.state().withNothingPending());
                container.recordEnd();
            }
        }
    }

    /** Lets a container go on that was paused for a commit. */
    private void finishCommit() throws IOException, InterruptedException {
        boolean paused = container
                .runtime()
                .state(container.id())
                .filter(report -> report.status().equals("paused"))
                .isPresent();
        if (paused) {
            container.runtime().resume(container.id());
        }
        believeRuntime();
    }

    private ContainerState runningState() {
        ContainerState state = container.state();
        return state.startedAt().isPresent() && state.status().isAlive()
                ? state.withNothingPending().withStatus(ContainerStatus.RUNNING)
                : state.started(Instant.now());
    }

    /** A dump that failed leaves the program running; one that succeeded has ended it, and its images are what is left. */
    private void finishCheckpoint() throws IOException, InterruptedException {
        boolean runs = runs();
        if (!runs) {
            CheckpointMemory.persist(container.paths());
        }
        if (!runs && CheckpointFiles.isComplete(container.paths())) {
            container.save(container.state().withNothingPending().dumped(true, Instant.now()));
            container.saveEnd();
            container.record(EventStatus.CHECKPOINT);
            container.tearDown();
            return;
        }
        if (runs) {
            if (container.state().status() != ContainerStatus.PAUSED) {
                AbandonedDump.resume(container);
            }
            CheckpointFiles.deleteImages(container.paths());
        }
        believeRuntime();
    }

    private void finishRestore() throws IOException, InterruptedException {
        if (!adoptRestored()) {
            container.tearDown();
        }
    }

    private void finishImport(PendingOperation operation) throws IOException, InterruptedException {
        if (adoptRestored()) {
            return;
        }
        if (isGranted(operation)) {
            container.save(container.state().dumped(true, Instant.now()));
            container.tearDown();
            return;
        }
        Removal.undoImport(container);
        throw ContainerStore.noSuchContainer(container.config().name());
    }

    /** Whether a container that was taken over has the right to run: then its checkpoint is the only one that may go on. */
    private boolean isGranted(PendingOperation operation) throws IOException {
        String token = operation.token();
        return token != null
                && new Grants(container.engine().options().root())
                        .find(token)
                        .filter(container.config().id()::equals)
                        .isPresent();
    }

    /** Keeps a restored program that runs although nobody has heard of it. */
    private boolean adoptRestored() throws IOException, InterruptedException {
        Optional<OciRuntime.Report> report = container.runtime().state(container.id());
        boolean runs = report.filter(known -> known.status().equals("running")).isPresent();
        boolean paused = report.filter(known -> known.status().equals("paused")).isPresent();
        Optional<ProcessIdentity> process =
                report.filter(known -> runs || paused).flatMap(known -> ProcessIdentity.of(known.pid()));
        if (process.isEmpty()) {
            return false;
        }
        if (runs && container.state().pausedInCheckpoint()) {
            container.runtime().pause(container.id());
        }
        LateJoin.finish(container);
        container.save(
                container.state().restored(process.get(), container.conmonPid(), Instant.now(), BootId.current()));
        container.record(EventStatus.RESTORE);
        return true;
    }

    private boolean runs() {
        return container
                .runtime()
                .state(container.id())
                .filter(report -> !report.status().equals("stopped"))
                .isPresent();
    }
}

package dev.ctr.lifecycle;

import dev.ctr.archive.CheckpointLevels;
import dev.ctr.criu.DumpStatistics;
import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.criu.memory.LevelTask;
import dev.ctr.criu.memory.MemoryLevel;
import dev.ctr.criu.memory.TrackerChoice;
import dev.ctr.lifecycle.PendingOperation.Kind;
import dev.ctr.lifecycle.event.EventStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Adds a level to a container's chain of pre-checkpoints, while it runs on: its memory, or what has changed of it since the
 * level before. CRIU takes no part in it, so it needs nothing of the kernel. A checkpoint with {@link Checkpoint#run previous
 * levels} ends the chain.
 */
final class PreCheckpoint {
    private static final long NANOS_PER_MICRO = 1000;

    private final LockedContainer container;
    private final CheckpointOptions options;
    private final ContainerPaths paths;

    PreCheckpoint(LockedContainer container, CheckpointOptions options) {
        this.container = container;
        this.options = options;
        this.paths = container.paths();
    }

    CheckpointResult run() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        TrackerChoice tracker = check();
        CheckpointChain chain = CheckpointChain.of(container);
        try (ArchiveExport export = ArchiveExport.open(container, options)) {
            container.begin(new PendingOperation(
                    Kind.PRE_CHECKPOINT,
                    export.temporaryFile().map(Path::toString).orElse(null)));
            long archiveBegin;
            DumpStatistics statistics;
            try {
                statistics = write(chain, tracker);
                CheckpointChain grown = chain.complete();
                archiveBegin = System.nanoTime();
                export(export, grown);
            } catch (IOException | RuntimeException e) {
                throw goesOn(chain, e);
            }
            container.save(container.state().withChain(chain.id()).withNothingPending());
            container.record(EventStatus.CHECKPOINT);
            long end = System.nanoTime();
            return new CheckpointResult(
                    container.config().id(),
                    Duration.ofNanos(archiveBegin - begin),
                    options.exports() ? Duration.ofNanos(end - archiveBegin) : Duration.ZERO,
                    export.bytesWritten(),
                    Duration.ofNanos(end - begin),
                    Optional.of(statistics),
                    export.warnings());
        }
    }

    private TrackerChoice check() throws IOException {
        if (!container.state().status().canCheckpoint()) {
            throw container.stateImproper(
                    "\"" + container.state().status().word() + "\" is not running, cannot checkpoint");
        }
        PodMemberCheckpoint.check(container, options);
        if (options.imageName != null) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "cannot make an image of a pre-checkpoint: nothing can be restored from it alone");
        }
        try {
            return options.tracker.resolve();
        } catch (IOException e) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "cannot pre-checkpoint " + container.config().name() + ": " + e.getMessage(),
                    e);
        }
    }

    private DumpStatistics write(CheckpointChain chain, TrackerChoice tracker) throws IOException {
        options.progress.report("dump", 0, 0);
        long begin = System.nanoTime();
        ProcessIdentity first = container
                .state()
                .process()
                .orElseThrow(() -> new IllegalStateException("a container that runs has a process"));
        List<LevelTask> tasks = LevelTask.treeOf(first);
        Path directory = chain.prepareNext();
        Optional<String> parent =
                chain.depth() == 0 ? Optional.empty() : Optional.of(CheckpointLevels.link(chain.depth()));
        MemoryLevel.Content content = MemoryLevel.write(directory, parent, tracker, tasks);
        if (content.tasks() == 0) {
            throw new IOException("its program has ended meanwhile");
        }
        long micros = (System.nanoTime() - begin) / NANOS_PER_MICRO;
        return new DumpStatistics(
                0,
                0,
                micros,
                0,
                content.pagesWritten() + content.pagesInParent(),
                content.pagesInParent(),
                content.pagesWritten(),
                0);
    }

    private void export(ArchiveExport export, CheckpointChain grown) throws IOException {
        try {
            export.writeLevels(grown, options.exportsWholeChain() ? 1 : grown.depth(), grown.depth());
            export.commit();
        } catch (IOException | RuntimeException e) {
            Undo.after(e, grown::deleteLast);
            throw e;
        }
    }

    /** The failure of a pre-checkpoint, of which nothing is left. */
    private EngineException goesOn(CheckpointChain chain, Exception cause) {
        EngineException error = new EngineException(
                EngineException.Code.IO,
                "cannot pre-checkpoint " + container.config().name() + ": " + cause.getMessage()
                        + "; the container runs on, and the chain has "
                        + (chain.depth() == 1 ? "1 level" : chain.depth() + " levels") + " as before",
                cause);
        Undo.after(
                error,
                () -> CheckpointChain.deleteIncomplete(paths),
                () -> container.save(container.state().withNothingPending()));
        return error;
    }
}

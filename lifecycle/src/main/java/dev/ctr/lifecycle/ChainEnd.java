package dev.ctr.lifecycle;

import dev.ctr.archive.CheckpointLevels;
import dev.ctr.archive.LevelRecord;
import dev.ctr.criu.DumpStatistics;
import dev.ctr.criu.memory.ParentReduction;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The end of a chain of pre-checkpoints: a checkpoint that leaves to the chain what it has of the memory. The dump itself is a
 * whole one, and what the chain has is taken out of it before anybody sees it. Without {@code --with-previous} every step does
 * nothing.
 */
final class ChainEnd {
    private final LockedContainer container;
    private final @Nullable CheckpointChain chain;
    private ParentReduction.@Nullable Outcome outcome;

    private ChainEnd(LockedContainer container, @Nullable CheckpointChain chain) {
        this.container = container;
        this.chain = chain;
    }

    /** @throws EngineException if a chain is wanted and there is none */
    static ChainEnd of(LockedContainer container, CheckpointOptions options) throws IOException {
        if (!options.withPrevious) {
            return new ChainEnd(container, null);
        }
        CheckpointChain chain = CheckpointChain.of(container);
        if (chain.depth() == 0) {
            throw new EngineException(
                    EngineException.Code.STATE_IMPROPER,
                    "cannot checkpoint " + container.config().name() + " with its previous levels: stat "
                            + chain.directory(1) + ": no such file or directory. Make one with --pre-checkpoint first;"
                            + " a chain ends when the container is stopped, restarted or restored");
        }
        return new ChainEnd(container, chain);
    }

    /** Takes the chain along in an archive that is to have it, and lets each archive tell where it belongs. */
    void export(ArchiveExport export, CheckpointOptions options) throws IOException {
        if (chain != null) {
            export.writeLevels(chain, options.exportsWholeChain() ? 1 : chain.depth() + 1, chain.depth() + 1);
        }
    }

    /** Takes out of a complete dump what the chain has. */
    void reduce() throws IOException {
        if (chain == null) {
            return;
        }
        Path images = container.paths().checkpoint();
        outcome = ParentReduction.reduce(images, chain.directory(chain.depth()), CheckpointLevels.link(chain.depth()));
        LevelRecord.ending(
                        chain.id(),
                        chain.depth() + 1,
                        chain.digest(chain.depth()).orElseThrow())
                .write(images);
    }

    /** CRIU's figures, with the pages that are left in place of those that it has written. */
    DumpStatistics correct(DumpStatistics criu) {
        ParentReduction.Outcome pages = outcome;
        return pages == null
                ? criu
                : new DumpStatistics(
                        criu.freezingMicros(),
                        criu.frozenMicros(),
                        criu.memoryDumpMicros(),
                        criu.memoryWriteMicros(),
                        criu.pagesScanned(),
                        pages.pagesInParent(),
                        criu.pagesWritten() - pages.pagesInParent(),
                        criu.pagesLazy());
    }
}

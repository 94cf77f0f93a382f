package dev.ctr.cli.checkpoint;

import dev.ctr.cli.invocation.Failure;
import dev.ctr.criu.memory.TrackerChoice;
import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.ExportedLevels;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of {@code ctr checkpoint} for chains of pre-checkpoints. */
final class ChainFlags {
    @Option(
            names = {"-P", "--pre-checkpoint"},
            description = "Save the memory and let the container go on; each further one saves only what has changed")
    private boolean preCheckpoint;

    @Option(
            names = "--with-previous",
            description = "Leave to the pre-checkpoints what they have, and checkpoint the rest")
    private boolean withPrevious;

    @Option(
            names = "--tracker",
            paramLabel = "auto|soft-dirty|uffd-wp|content",
            description = "With --pre-checkpoint: how changes are found (default: auto, the best that the kernel has)")
    private @Nullable String tracker;

    @Option(
            names = "--export-levels",
            paramLabel = "one|all",
            description =
                    "With --export: the archive of a pre-checkpoint or of --with-previous holds this one level, or"
                            + " the whole chain (default: one for the former, all for the latter)")
    private @Nullable String exportLevels;

    /** podman's checks, and ours. */
    void check(boolean exports) {
        if (withPrevious && preCheckpoint) {
            throw new Failure("--with-previous can not be used with --pre-checkpoint");
        }
        if (tracker != null && !preCheckpoint) {
            throw new Failure("--tracker can only be used with --pre-checkpoint");
        }
        if (tracker != null && TrackerChoice.of(tracker).isEmpty()) {
            throw invalid("--tracker", tracker, TrackerChoice.words());
        }
        if (exportLevels != null && (!exports || !(preCheckpoint || withPrevious))) {
            throw new Failure(
                    "--export-levels can only be used with --export, and with --pre-checkpoint or --with-previous");
        }
        if (exportLevels != null && !exportLevels.equals("one") && !exportLevels.equals("all")) {
            throw invalid("--export-levels", exportLevels, "one|all");
        }
    }

    private static Failure invalid(String flag, String value, String allowed) {
        return new Failure("invalid argument \"" + value + "\" for \"" + flag + "\" flag: it must be " + allowed);
    }

    void addTo(CheckpointOptions options) {
        options.preCheckpoint(preCheckpoint).withPrevious(withPrevious);
        if (tracker != null) {
            options.tracker(TrackerChoice.of(tracker).orElseThrow());
        }
        if (exportLevels != null) {
            options.exportedLevels(ExportedLevels.valueOf(exportLevels.toUpperCase(Locale.ROOT)));
        }
    }
}

package dev.ctr.agent.migration;

import dev.ctr.lifecycle.Container;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The levels that a migration adds to the container's chain of pre-checkpoints. How many there were before is noted among the migration's
 * files, so that those that it has added go with it when it comes to nothing, whoever notices that.
 */
final class AddedLevels {
    private static final String NOTE = "levels-before";

    private AddedLevels() {}

    /** To be called before the first is added. */
    static void begin(Container container, Path files) throws IOException {
        Files.writeString(files.resolve(NOTE), String.valueOf(container.preCheckpoints()));
    }

    /** Removes those that were added, if any were. */
    static void remove(Container container, Path files) throws IOException {
        Path note = files.resolve(NOTE);
        if (Files.exists(note)) {
            String before = Files.readString(note);
            if (!before.isEmpty()) {
                container.cutPreCheckpoints(Integer.parseInt(before));
            }
        }
    }
}

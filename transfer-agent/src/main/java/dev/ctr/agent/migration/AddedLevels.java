package dev.ctr.agent.migration;

import dev.ctr.lifecycle.Container;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The levels that a migration adds to the container's chain of pre-checkpoints. How many there were before is noted among the migration's
 * files, so that those that it has added go with it when it comes to nothing, whoever notices that.
 */
final class AddedLevels {
    private static final String NOTE = "levels-before";

    private static final Logger LOG = LoggerFactory.getLogger(AddedLevels.class);

    private AddedLevels() {}

    /** To be called before the first is added. */
    static void begin(Container container, Path files) throws IOException {
        Files.writeString(files.resolve(NOTE), String.valueOf(container.preCheckpoints()));
    }

    /** Removes those that were added, if any were. What cannot be removed is of no harm, and goes with the chain. */
    static void remove(Container container, Path files) {
        Path note = files.resolve(NOTE);
        try {
            String before = Files.exists(note) ? Files.readString(note) : "";
            if (!before.isEmpty()) {
                container.cutPreCheckpoints(Integer.parseInt(before));
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("the levels that a migration added to {} stay: {}", container.id(), e.getMessage());
        }
    }
}

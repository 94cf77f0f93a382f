package dev.ctr.criu.memory;

import java.io.IOException;
import java.util.Optional;

/**
 * Finds which pages of a running task have changed since the level before, so that the next level holds no others. It may take a
 * page for changed that is not, and it may miss a write that happens while it works: a level is what the memory was at about
 * that time, and the final checkpoint is compared with the chain byte for byte. Further trackers implement this and pass
 * {@code TrackerContract} among the tests.
 */
interface Tracker {
    /**
     * Hands all pages of a task to a sink: changed ones with their content, the others as being in the level before, which must
     * have them.
     *
     * @param previous what the chain has of the task; empty if it has nothing
     */
    void track(MemorySource memory, Optional<ParentPages> previous, PageSink sink) throws IOException;
}

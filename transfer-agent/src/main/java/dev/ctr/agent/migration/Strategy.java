package dev.ctr.agent.migration;

import java.io.IOException;
import java.util.List;

/** When a container's memory moves. Strategies differ in nothing else: all end in the same freeze and the same hand-over. */
interface Strategy {
    /** The word for it. */
    String word();

    /**
     * Sends ahead, while the container runs, what the hand-over can then rest on.
     *
     * @return what was sent; if it is empty the hand-over sends everything
     * @throws IOException if the migration is not to go on
     */
    List<Round> sendAhead(SourceMigration migration) throws IOException, InterruptedException;
}

package dev.ctr.agent.migration;

import java.util.ArrayList;
import java.util.List;

/**
 * What one round of a migration sent while the container ran.
 *
 * @param bytesSent as they went over the link
 * @param pagesSent pages of memory
 * @param pagesDirty pages that had changed when what came next looked, the next round or the freeze, and were sent then
 * @param millis how long it took
 */
public record Round(long bytesSent, long pagesSent, long pagesDirty, long millis) {
    private static final long PAGE = 4096;

    /**
     * Rounds with what each has left to the next.
     *
     * @param lastBytes memory that was sent in the freeze
     */
    static List<Round> withDirty(List<Round> rounds, long lastBytes) {
        List<Round> complete = new ArrayList<>();
        for (int i = 0; i < rounds.size(); i++) {
            Round round = rounds.get(i);
            long dirty = i + 1 < rounds.size() ? rounds.get(i + 1).pagesSent() : lastBytes / PAGE;
            complete.add(new Round(round.bytesSent(), round.pagesSent(), dirty, round.millis()));
        }
        return complete;
    }

    /** The content of the pages, before compression. */
    long bytesOfPages() {
        return pagesSent * PAGE;
    }
}

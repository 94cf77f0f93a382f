package dev.ctr.agent.migration;

/**
 * What one round of a migration sent while the container ran.
 *
 * @param bytesSent as they went over the link
 * @param pagesSent pages of memory
 * @param pagesDirty pages that had changed since the round before; all of them in the first
 * @param millis how long it took
 */
public record Round(long bytesSent, long pagesSent, long pagesDirty, long millis) {
    private static final long PAGE = 4096;

    /** The content of the pages, before compression. */
    long bytesOfPages() {
        return pagesSent * PAGE;
    }
}

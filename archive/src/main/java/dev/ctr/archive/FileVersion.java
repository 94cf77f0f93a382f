package dev.ctr.archive;

import java.time.Instant;

/**
 * What a file that was changed, or replaced by another, does not have in common with what it was.
 *
 * @param inode its number
 * @param links how many names it has
 * @param changedNanos st_ctime, in nanoseconds since 1970
 */
record FileVersion(long inode, int links, long changedNanos) {
    /** Of what is no file. */
    static final FileVersion NONE = new FileVersion(0, 0, 0);

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    static FileVersion of(FileStatus status) {
        return new FileVersion(status.inode(), status.links(), nanos(status.changed()));
    }

    static long nanos(Instant time) {
        return time.getEpochSecond() * NANOS_PER_SECOND + time.getNano();
    }
}

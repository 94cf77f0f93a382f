package dev.ctr.archive;

import dev.ctr.archive.ArchiveException.Code;

/** How much several {@link TreeReplica}s may take together, over all their updates. Not for concurrent use. */
public final class ReplicaQuota {
    private final ExtractionLimits limits;
    private long bytes;
    private long entries;

    public ReplicaQuota(ExtractionLimits limits) {
        this.limits = limits;
    }

    /** What may still come; never nothing, so that what is too much is noticed when it comes. */
    ExtractionLimits left() {
        return new ExtractionLimits(Math.max(1, limits.maxBytes() - bytes), Math.max(1, limits.maxEntries() - entries));
    }

    /**
     * Counts what comes.
     *
     * @param source what is received, in the plural, as the error names it
     */
    void count(long moreBytes, long moreEntries, String source) throws ArchiveException {
        bytes += moreBytes;
        entries += moreEntries;
        if (entries > limits.maxEntries() || bytes < 0 || bytes > limits.maxBytes()) {
            throw new ArchiveException(
                    Code.LIMIT,
                    "%s are more than %d bytes in %d files: raise the limit if you trust them"
                            .formatted(source, limits.maxBytes(), limits.maxEntries()));
        }
    }
}

package dev.ctr.archive;

/** Is told how far an archive is. Called by the thread that writes, about once per MiB, and at the end. */
@FunctionalInterface
public interface ArchiveProgress {
    /** Tells nobody. */
    ArchiveProgress NONE = (done, expected) -> {};

    /**
     * The archive has advanced.
     *
     * @param doneBytes written so far, before compression
     * @param expectedBytes how many it will be, as far as was known at the start; 0 if it was not
     */
    void advanced(long doneBytes, long expectedBytes);
}

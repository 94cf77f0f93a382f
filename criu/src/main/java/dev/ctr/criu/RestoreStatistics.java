package dev.ctr.criu;

/**
 * What CRIU measured in a restore. Times are in microseconds and wrap at 71 minutes, as CRIU counts them in 32 bits.
 *
 * @param forkingMicros making the process tree
 * @param restoreMicros the whole restore
 * @param pagesCompared pages that were compared with those inherited from the parent process
 * @param pagesSkippedCopyOnWrite of these, the pages that were the same
 * @param pagesRestored pages read from images
 */
public record RestoreStatistics(
        long forkingMicros, long restoreMicros, long pagesCompared, long pagesSkippedCopyOnWrite, long pagesRestored) {}

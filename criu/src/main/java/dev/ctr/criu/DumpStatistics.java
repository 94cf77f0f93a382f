package dev.ctr.criu;

/**
 * What CRIU measured in a dump. Times are in microseconds and wrap at 71 minutes, as CRIU counts them in 32 bits.
 *
 * @param freezingMicros how long it took to stop all tasks
 * @param frozenMicros how long they stood still; of a lazy dump this includes serving the pages
 * @param memoryDumpMicros finding and taking over memory, part of the frozen time
 * @param memoryWriteMicros writing memory out
 * @param pagesScanned pages looked at
 * @param pagesSkippedParent pages that are in the parent images already
 * @param pagesWritten pages written
 * @param pagesLazy pages left for lazy transfer
 */
public record DumpStatistics(
        long freezingMicros,
        long frozenMicros,
        long memoryDumpMicros,
        long memoryWriteMicros,
        long pagesScanned,
        long pagesSkippedParent,
        long pagesWritten,
        long pagesLazy) {}

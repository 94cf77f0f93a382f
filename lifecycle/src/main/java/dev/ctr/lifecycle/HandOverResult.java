package dev.ctr.lifecycle;

import java.time.Duration;
import java.util.List;

/**
 * What became of a container that was handed over.
 *
 * @param outcome whether it runs on the other host
 * @param dumping how long the runtime and CRIU took until the images were complete
 * @param archiving how long the tasks waited for the archive to be written
 * @param holding how long they waited for the other side to hold the restored container
 * @param committing how long they waited for the other side's word
 * @param frozen how long the tasks stood still: from when they were frozen, which is some time after the dump began, to the other side's
 *     word
 * @param archiveBytes the archive's size
 * @param sent what was sent while they stood still
 * @param warnings what is to be said besides, one sentence each
 */
public record HandOverResult(
        HandOver.Outcome outcome,
        Duration dumping,
        Duration archiving,
        Duration holding,
        Duration committing,
        Duration frozen,
        long archiveBytes,
        Content sent,
        List<String> warnings) {
    /**
     * How much of what, in bytes and before compression.
     *
     * @param memory pages, those of zeros and of levels sent before left out
     * @param rootfs files that the container has changed in its root file system, in what of them was not sent ahead
     * @param volumes files of its volumes, likewise
     */
    public record Content(long memory, long rootfs, long volumes) {}

    public HandOverResult {
        warnings = List.copyOf(warnings);
    }
}

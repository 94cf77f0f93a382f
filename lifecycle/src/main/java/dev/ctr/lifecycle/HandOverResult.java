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
 * @param archiveBytes the archive's size
 * @param warnings what is to be said besides, one sentence each
 */
public record HandOverResult(
        HandOver.Outcome outcome,
        Duration dumping,
        Duration archiving,
        Duration holding,
        Duration committing,
        long archiveBytes,
        List<String> warnings) {
    public HandOverResult {
        warnings = List.copyOf(warnings);
    }
}

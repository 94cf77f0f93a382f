package dev.ctr.agent.migration;

import dev.ctr.agent.transfer.MigrationId;
import java.time.Duration;
import java.util.List;

/**
 * What a migration took.
 *
 * @param migration its ID
 * @param container the ID that the container has on the target
 * @param strategy the word for when its memory moved
 * @param rounds what was sent while it ran
 * @param bytesSent everything that went over the link
 * @param bytesMemory how much of its memory was sent, in rounds and after them, before compression; pages of zeros are not sent
 * @param bytesRootfs how much was sent of the files that it has changed in its root file system, before compression
 * @param bytesVolumes how much was sent of its volumes' files, before compression
 * @param frozen how long it stood still here: from the freeze until the target's word came
 * @param downtime how long it ran nowhere: {@code frozen}, without the time that it had run on the target when that gave its word, which
 *     the target measures itself. No clocks are compared; the word's way to here counts as downtime
 * @param total from the call to its return
 * @param warnings what is to be said besides, one sentence each
 */
public record MigrationResult(
        MigrationId migration,
        String container,
        String strategy,
        List<Round> rounds,
        long bytesSent,
        long bytesMemory,
        long bytesRootfs,
        long bytesVolumes,
        Duration frozen,
        Duration downtime,
        Duration total,
        List<String> warnings) {
    public MigrationResult {
        rounds = List.copyOf(rounds);
        warnings = List.copyOf(warnings);
    }
}

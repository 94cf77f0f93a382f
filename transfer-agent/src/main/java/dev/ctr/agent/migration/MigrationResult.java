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
 * @param bytesMemory how much memory it used when the migration began
 * @param bytesRootfs how much it had changed of its root file system
 * @param bytesVolumes what its volumes held
 * @param frozen how long it stood still here: from the begin of the dump until the target's word
 * @param downtime from the begin of the dump to when it ran on the target, by the source's clock: when the target's word came
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

package dev.ctr.agent.migration;

import dev.ctr.lifecycle.HandOver;
import dev.ctr.proto.migration.Outcome;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * What the target says of a container that was given away to it.
 *
 * @param outcome whether it runs there
 * @param container its ID there; empty if it does not run
 * @param reason why it never ran; may be empty
 * @param running how long it had run when this was said; zero if that is not known
 * @param warnings what is to be said besides, one sentence each
 */
record TargetWord(HandOver.Outcome outcome, String container, String reason, Duration running, List<String> warnings) {
    static TargetWord of(Outcome message) {
        return new TargetWord(
                message.getWord() == Outcome.Word.RUNS ? HandOver.Outcome.RUNS : HandOver.Outcome.NEVER_RAN,
                message.getContainer(),
                message.getReason(),
                Duration.of(message.getRunningForMicros(), ChronoUnit.MICROS),
                List.copyOf(message.getWarningsList()));
    }
}

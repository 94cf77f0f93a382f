package dev.ctr.agent.migration;

import dev.ctr.agent.AgentException;
import dev.ctr.lifecycle.HandOver.Outcome;
import dev.ctr.proto.migration.StatusReply;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Gets the target's word on a migration: it runs there, or it never did and never will. Used by one thread. */
final class Settlement {
    private static final Duration PAUSE = Duration.ofMillis(300);
    private static final Duration ANSWER = Duration.ofSeconds(5);

    private final Target target;
    private final SourceJournal journal;

    Settlement(Target target, SourceJournal journal) {
        this.target = target;
        this.journal = journal;
    }

    /**
     * Asks until there is a word. What is not granted by then never will be.
     *
     * @throws IOException if there is none in time: it is in doubt
     */
    TargetWord ask(Duration patience) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        long epoch = journal.nextEpoch();
        String reason;
        do {
            try {
                StatusReply reply = target.settle(journal.id(), epoch, ANSWER);
                if (reply.getState() == StatusReply.State.RUNS) {
                    return word(Outcome.RUNS, reply);
                }
                if (reply.getState() == StatusReply.State.NEVER_RAN) {
                    return word(Outcome.NEVER_RAN, reply);
                }
                reason = "the target says " + reply.getState();
            } catch (AgentException e) {
                reason = String.valueOf(e.getMessage());
            }
            Thread.sleep(PAUSE.toMillis());
        } while (System.nanoTime() - begin < patience.toNanos());
        throw new IOException("the target has not told whether it runs there: " + reason);
    }

    private static TargetWord word(Outcome outcome, StatusReply reply) {
        return new TargetWord(outcome, reply.getContainer(), reply.getReason(), Duration.ZERO, List.of());
    }

    /** Lets the target undo what it has, if it can be reached. */
    void cancel(String reason) {
        try {
            target.settle(journal.id(), journal.nextEpoch(), ANSWER);
        } catch (IOException e) {
            throw Target.failure("the target was not told that the migration is cancelled: " + reason, e);
        }
    }
}

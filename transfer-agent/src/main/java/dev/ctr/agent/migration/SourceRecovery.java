package dev.ctr.agent.migration;

import dev.ctr.agent.AgentException;
import dev.ctr.agent.HostAndPort;
import dev.ctr.agent.Identity;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.HandOver;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settles migrations from this host whose process died. Before it was given away the container goes on here, whatever the target says;
 * after that the target's word decides, or a person's.
 */
final class SourceRecovery {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(SourceRecovery.class);

    private final Engine engine;
    private final MigrationJournal journal;

    SourceRecovery(Engine engine, MigrationJournal journal) {
        this.engine = engine;
        this.journal = journal;
    }

    /**
     * Settles one.
     *
     * @param to where it is to run if the target cannot be asked
     * @throws EngineException IN_DOUBT if the target cannot be asked and nothing was said
     */
    MigrationRecord settle(MigrationRecord open, Optional<Side> to, Optional<Identity> identity)
            throws IOException, InterruptedException {
        try (SourceJournal entry = SourceJournal.takeUp(journal, open)) {
            if (!entry.state().isFinal()) {
                settle(entry, to, identity);
            }
            return entry.entry();
        }
    }

    private void settle(SourceJournal entry, Optional<Side> to, Optional<Identity> identity)
            throws IOException, InterruptedException {
        Optional<Container> container = container(entry.entry().container());
        boolean inDoubt = container
                .flatMap(Container::handOverToken)
                .filter(token -> token.equals(entry.id().hex()))
                .isPresent();
        boolean binding = entry.state() == MigrationState.GIVEN_AWAY;
        if (!inDoubt) {
            container.ifPresent(Container::sync);
            binding &= container
                    .filter(here -> here.state().status() == ContainerStatus.RUNNING)
                    .isEmpty();
        }
        if (!binding) {
            tell(entry, identity);
            if (inDoubt) {
                // The target was never told that it may run: the journal would say so.
                container.orElseThrow().settleHandOver(HandOver.Outcome.NEVER_RAN);
            }
            removeLevels(container, entry);
            entry.become(MigrationState.CANCELLED, "its process ended before it was given away");
            return;
        }
        HandOver.Outcome outcome = outcome(entry, to, identity);
        if (inDoubt) {
            container.orElseThrow().settleHandOver(outcome);
        }
        if (outcome == HandOver.Outcome.RUNS) {
            entry.become(MigrationState.DONE, "");
        } else {
            removeLevels(container, entry);
            entry.become(MigrationState.CANCELLED, "it never ran on the target");
        }
    }

    private static void removeLevels(Optional<Container> container, SourceJournal entry) throws IOException {
        if (container.isPresent()) {
            AddedLevels.remove(container.get(), entry.files());
        }
    }

    private Optional<Container> container(String id) {
        try {
            return Optional.of(engine.container(id));
        } catch (EngineException e) {
            if (e.code() == EngineException.Code.NO_SUCH_CONTAINER) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** The target's word, or in its place a person's. */
    private static HandOver.Outcome outcome(SourceJournal entry, Optional<Side> to, Optional<Identity> identity)
            throws InterruptedException, IOException {
        if (to.isPresent()) {
            return to.get() == Side.TARGET ? HandOver.Outcome.RUNS : HandOver.Outcome.NEVER_RAN;
        }
        String id = entry.id().abbreviated();
        if (identity.isEmpty()) {
            throw new EngineException(
                    EngineException.Code.IN_DOUBT,
                    "whether migration " + id + " runs on " + entry.entry().address()
                            + " is in doubt, and without certificates its agent cannot be asked: give --cert, --key and --ca");
        }
        try (Target target = connect(entry, identity.get())) {
            return new Settlement(target, entry).ask(PATIENCE).outcome();
        } catch (IOException e) {
            throw new EngineException(
                    EngineException.Code.IN_DOUBT,
                    "whether migration " + id + " runs on " + entry.entry().address() + " is in doubt: "
                            + e.getMessage()
                            + ". When the agent there can be reached again, try again. If you know where it runs, or that it runs"
                            + " nowhere, say so with --to target or --to source: two running copies are the price of an error",
                    e);
        }
    }

    /** Lets the target undo what it has at once. If it cannot be reached it does so by itself. */
    private static void tell(SourceJournal entry, Optional<Identity> identity) {
        if (identity.isEmpty()) {
            return;
        }
        try (Target target = connect(entry, identity.get())) {
            new Settlement(target, entry).cancel("its process ended");
        } catch (AgentException | EngineException e) {
            LOG.info("the target of {} was not told: {}", entry.id().abbreviated(), e.getMessage());
        }
    }

    private static Target connect(SourceJournal entry, Identity identity) {
        return Target.connect(HostAndPort.parse(entry.entry().address()), identity);
    }

    /** Settles what can be settled of all that nobody carries out any more. */
    void settleAll(Identity identity) {
        try {
            for (MigrationRecord entry : journal.all()) {
                if (entry.side() == Side.SOURCE && !entry.state().isFinal() && !journal.isOwned(entry)) {
                    settleQuietly(entry, identity);
                }
            }
        } catch (IOException e) {
            LOG.warn("cannot settle the migrations that were under way: {}", e.getMessage());
        }
    }

    private void settleQuietly(MigrationRecord entry, Identity identity) {
        try {
            settle(entry, Optional.empty(), Optional.of(identity));
        } catch (IOException | RuntimeException e) {
            LOG.warn("{}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

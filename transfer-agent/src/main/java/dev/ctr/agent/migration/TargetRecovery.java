package dev.ctr.agent.migration;

import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerId;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.PendingOperation;
import dev.ctr.lifecycle.RestoreOptions;
import dev.ctr.proto.migration.StatusReply;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides, from what is on the disk alone, about migrations to this host whose process died: one that was granted runs, one that was not
 * is undone. The engine's own note of the grant is what counts; the journal says the same, but may be a step behind.
 */
final class TargetRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(TargetRecovery.class);

    private final Engine engine;
    private final MigrationJournal journal;

    TargetRecovery(Engine engine, MigrationJournal journal) {
        this.engine = engine;
        this.journal = journal;
    }

    /** Settles everything that nobody carries out any more. */
    void settleAll() {
        try {
            for (MigrationRecord entry : journal.all()) {
                if (entry.side() == Side.TARGET) {
                    settleIfLeft(entry);
                }
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("cannot settle the migrations that were under way: {}", e.getMessage());
        }
    }

    private void settleIfLeft(MigrationRecord entry) {
        try {
            settle(entry);
        } catch (IOException | RuntimeException e) {
            LOG.warn("cannot settle migration {}: {}", entry.migration(), e.getMessage());
        }
    }

    /**
     * Settles one, if it is open and nobody carries it out.
     *
     * @return how it is then
     */
    MigrationRecord settle(MigrationRecord entry) throws IOException {
        if (entry.state().isFinal() || entry.state() == MigrationState.RUNS) {
            return entry;
        }
        Optional<MigrationJournal.Ownership> ownership = journal.own(Side.TARGET, entry.migration());
        if (ownership.isEmpty()) {
            return entry;
        }
        try (MigrationJournal.Ownership ignored = ownership.get()) {
            decide(entry);
        }
        return journal.read(Side.TARGET, entry.migration()).orElse(entry);
    }

    private void decide(MigrationRecord entry) throws IOException {
        Optional<ContainerId> granted = engine.taken(entry.migration().hex());
        if (granted.isPresent()) {
            letRun(engine, granted.get());
            journal.deleteFiles(Side.TARGET, entry.migration());
            journal.write(entry.withNewContainer(granted.get().hex())
                    .in(MigrationState.RUNS, "the agent ended when it had been granted"));
            return;
        }
        undoImports();
        engine.sweepImports();
        journal.deleteFiles(Side.TARGET, entry.migration());
        journal.write(entry.in(MigrationState.CANCELLED, "the agent ended before it was granted"));
    }

    /** Sees to it that a container that was granted runs, if its program has not ended since. */
    static void letRun(Engine engine, ContainerId id) {
        try {
            Container container = engine.container(id.hex());
            container.sync();
            if (container.state().status() == ContainerStatus.EXITED
                    && container.state().checkpointed()) {
                container.restore(new RestoreOptions().tcpEstablished(true));
            }
        } catch (EngineException e) {
            LOG.warn("{} was granted to this host, and does not run: {}", id, e.getMessage());
        }
    }

    /** Whoever touches a container that a dead process was importing, undoes that. */
    private void undoImports() {
        for (Container container : engine.containers()) {
            try {
                boolean importing = container
                        .state()
                        .pending()
                        .filter(pending -> pending.kind() == PendingOperation.Kind.IMPORT)
                        .isPresent();
                if (importing) {
                    container.sync();
                }
            } catch (EngineException gone) {
                LOG.debug("{}: {}", container.id(), gone.getMessage());
            }
        }
    }

    /** The word for the source. */
    StatusReply status(MigrationRecord entry) {
        Optional<ContainerId> granted = engine.taken(entry.migration().hex());
        StatusReply.State state;
        if (granted.isPresent()) {
            state = entry.state() == MigrationState.RUNS || entry.state() == MigrationState.DONE
                    ? StatusReply.State.RUNS
                    : StatusReply.State.GRANTED;
        } else if (entry.state() == MigrationState.CANCELLED) {
            state = StatusReply.State.NEVER_RAN;
        } else {
            state = entry.state() == MigrationState.DONE || entry.state() == MigrationState.RUNS
                    ? StatusReply.State.RUNS
                    : StatusReply.State.OPEN;
        }
        return StatusReply.newBuilder()
                .setState(state)
                .setContainer(granted.map(ContainerId::hex).orElse(entry.newContainer()))
                .setReason(entry.reason())
                .setEpoch(entry.epoch())
                .build();
    }
}

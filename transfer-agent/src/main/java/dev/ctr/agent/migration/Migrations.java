package dev.ctr.agent.migration;

import dev.ctr.agent.Identity;
import dev.ctr.agent.transfer.MigrationId;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.proto.migration.Description;
import dev.ctr.proto.migration.Finding;
import dev.ctr.proto.migration.PreflightReply;
import dev.ctr.proto.migration.PreflightRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Moves containers of an engine to other hosts, and knows those that were moved from and to it. Safe for concurrent use. */
public final class Migrations {
    private static final long CANCEL_POLL_MILLIS = 100;

    private final Engine engine;
    private final MigrationJournal journal;

    public Migrations(Engine engine) {
        this.engine = engine;
        this.journal = new MigrationJournal(engine.options().root());
    }

    /**
     * Looks whether a migration would work. Touches nothing on either side.
     *
     * @throws dev.ctr.agent.AgentException if the target does not answer
     */
    public Preflight preflight(Container container, MigrateOptions options) {
        return call("cannot prepare the migration of " + container.name(), () -> {
            try (Target target = Target.connect(options.target, options.identity)) {
                return preflight(container, describe(container), options, target);
            }
        });
    }

    private static Preflight preflight(
            Container container, Description description, MigrateOptions options, Target target) {
        List<Finding> findings = new ArrayList<>(SourcePreflight.findings(container, options));
        PreflightReply reply = target.preflight(PreflightRequest.newBuilder()
                .setContainer(description)
                .setWishes(SourceMigration.wishes(options))
                .build());
        findings.addAll(reply.getFindingsList());
        return Estimate.of(description, options, findings, reply.getImageBytes());
    }

    private Description describe(Container container) throws IOException, InterruptedException {
        container.sync();
        if (container.state().status() != ContainerStatus.RUNNING) {
            throw new EngineException(
                    EngineException.Code.STATE_IMPROPER,
                    "\"" + container.state().status().word() + "\" is not running, cannot migrate " + container.name());
        }
        return ContainerDescription.of(engine, container);
    }

    /**
     * Moves a running container to another host. When this returns it runs there, and is no more here; when it throws it runs here as
     * before.
     *
     * @throws EngineException REFUSED_BY_POLICY if the target would not take it; IN_DOUBT if it was given away and the target has not told
     *     what became of it: it stands still here until {@link #resolve}; otherwise it goes on here
     */
    public MigrationResult migrate(Container container, MigrateOptions options) {
        return call("cannot migrate " + container.name(), () -> {
            try (Target target = Target.connect(options.target, options.identity)) {
                Description description = describe(container);
                requireGranted(container, preflight(container, description, options, target));
                Strategy strategy = choose(options, description);
                options.cancellation.begin();
                try (SourceJournal entry =
                                SourceJournal.begin(journal, recordOf(description, options, strategy.word()));
                        SourceMigration migration =
                                new SourceMigration(engine, container, options, description, target, entry)) {
                    options.cancellation.carriedOutBy(migration::cancel);
                    return watched(migration, entry, strategy);
                }
            }
        });
    }

    private static void requireGranted(Container container, Preflight preflight) {
        if (!preflight.isGranted()) {
            throw new EngineException(
                    EngineException.Code.REFUSED_BY_POLICY,
                    "cannot migrate " + container.name() + ": "
                            + preflight.findings().stream()
                                    .filter(item -> item.verdict() == Preflight.Verdict.REFUSED)
                                    .map(item -> item.reason() + (item.advice().isEmpty() ? "" : ": " + item.advice()))
                                    .collect(Collectors.joining("; ")));
        }
    }

    private static Strategy choose(MigrateOptions options, Description description) {
        return switch (options.strategy) {
            case COLD -> new Cold();
            case PRE_COPY -> new PreCopy(options);
            case AUTO -> Estimate.prefersCold(description, options) ? new Cold() : new PreCopy(options);
        };
    }

    private static MigrationRecord recordOf(Description description, MigrateOptions options, String strategy) {
        Instant now = Instant.now();
        return new MigrationRecord(
                MigrationId.random(),
                Side.SOURCE,
                1,
                MigrationState.BEGUN,
                description.getId(),
                description.getName(),
                options.target.host(),
                options.target.toString(),
                strategy,
                "",
                description.getRemoveOnExit(),
                "",
                now,
                now);
    }

    /** Carries a migration out, and gives it up if somebody asks for that. */
    private static MigrationResult watched(SourceMigration migration, SourceJournal entry, Strategy strategy)
            throws IOException, InterruptedException {
        Thread watch = new Thread(() -> watch(migration, entry), "migration-cancel");
        watch.setDaemon(true);
        watch.start();
        try {
            return migration.run(strategy);
        } finally {
            watch.interrupt();
        }
    }

    private static void watch(SourceMigration migration, SourceJournal entry) {
        try {
            while (!entry.isCancelRequested()) {
                Thread.sleep(CANCEL_POLL_MILLIS);
            }
            migration.cancel();
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    /** Those that are known here, oldest first. */
    public List<MigrationRecord> list() {
        return call("cannot list the migrations", journal::all);
    }

    /** Whether a living process carries it out. */
    public boolean isUnderWay(MigrationRecord entry) {
        return call("cannot look up the migration " + entry.migration(), () -> journal.isOwned(entry));
    }

    /** Whether it is open and nobody carries it out: {@link #resolve} settles it. */
    public boolean isInDoubt(MigrationRecord entry) {
        return !entry.state().isFinal() && entry.state() != MigrationState.RUNS && !isUnderWay(entry);
    }

    /**
     * The one whose ID begins so.
     *
     * @throws EngineException INVALID_ARGUMENT if there is none, or more than one
     */
    public MigrationRecord find(String beginning) {
        List<MigrationRecord> found = call("cannot look up " + beginning, () -> journal.find(beginning));
        if (found.isEmpty() || beginning.isEmpty()) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT, "there is no migration " + beginning + " here");
        }
        if (found.size() > 1) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    beginning + " is the beginning of " + found.size() + " migrations: give more of it");
        }
        return found.get(0);
    }

    /**
     * Asks the process that carries a migration out to give it up, which it does at once unless it gives the container away at that
     * moment.
     *
     * @throws EngineException STATE_IMPROPER if nobody carries it out, or not here, or it was given away already
     */
    public void cancel(MigrationRecord entry) {
        call("cannot cancel the migration " + entry.migration(), () -> {
            if (entry.side() == Side.TARGET) {
                throw new EngineException(
                        EngineException.Code.STATE_IMPROPER,
                        "the migration " + entry.migration().abbreviated() + " is cancelled where it comes from: on "
                                + entry.peer());
            }
            if (!journal.isOwned(entry)) {
                throw new EngineException(
                        EngineException.Code.STATE_IMPROPER,
                        "the migration " + entry.migration().abbreviated() + " is not under way"
                                + (entry.state().isFinal() ? "" : "; settle it with ctr migrate resolve"));
            }
            if (entry.state() != MigrationState.BEGUN) {
                throw new EngineException(
                        EngineException.Code.STATE_IMPROPER,
                        "it is too late: " + entry.name() + " was given away to " + entry.peer() + " already");
            }
            journal.requestCancel(entry.side(), entry.migration());
            return entry;
        });
    }

    /**
     * Settles a migration whose process died.
     *
     * @param to where it is to run if the other host cannot be asked; a person who says this must know that it does not run elsewhere
     * @param identity who this host is to the target's agent
     * @throws EngineException IN_DOUBT if the other host cannot be asked and nothing was said; STATE_IMPROPER if it is under way
     */
    public MigrationRecord resolve(MigrationRecord entry, Optional<Side> to, Optional<Identity> identity) {
        return call("cannot settle the migration " + entry.migration(), () -> {
            if (entry.state().isFinal()) {
                return entry;
            }
            if (entry.side() == Side.TARGET) {
                return new TargetRecovery(engine, journal).settle(entry);
            }
            return new SourceRecovery(engine, journal).settle(entry, to, identity);
        });
    }

    /**
     * Settles, in a thread of its own, what commands that died have left on this host.
     *
     * @param identity who this host is to the targets' agents
     */
    public void settleLeft(Identity identity) {
        Thread thread = new Thread(() -> new SourceRecovery(engine, journal).settleAll(identity), "migrations-left");
        thread.setDaemon(true);
        thread.start();
    }

    /** What is done inside a public call. */
    private interface Inside<T> {
        T get() throws IOException, InterruptedException;
    }

    private static <T> T call(String attempt, Inside<T> inside) {
        try {
            return inside.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException(EngineException.Code.CANCELLED, attempt + ": interrupted", e);
        } catch (IOException e) {
            throw new EngineException(EngineException.Code.RUNTIME, attempt + ": " + e.getMessage(), e);
        }
    }
}

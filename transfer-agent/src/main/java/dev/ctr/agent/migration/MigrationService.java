package dev.ctr.agent.migration;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.ctr.agent.Peer;
import dev.ctr.agent.metrics.Metrics;
import dev.ctr.agent.transfer.DataCall;
import dev.ctr.agent.transfer.IncomingStreams;
import dev.ctr.agent.transfer.MigrationId;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.RestoreOptions;
import dev.ctr.lifecycle.RestorePolicy;
import dev.ctr.lifecycle.network.PortMapping;
import dev.ctr.proto.migration.Attempt;
import dev.ctr.proto.migration.Begin;
import dev.ctr.proto.migration.ControlReply;
import dev.ctr.proto.migration.ControlRequest;
import dev.ctr.proto.migration.DataReply;
import dev.ctr.proto.migration.DataRequest;
import dev.ctr.proto.migration.Description;
import dev.ctr.proto.migration.MigrationGrpc;
import dev.ctr.proto.migration.Outcome;
import dev.ctr.proto.migration.PreflightReply;
import dev.ctr.proto.migration.PreflightRequest;
import dev.ctr.proto.migration.StatusReply;
import dev.ctr.proto.migration.StatusRequest;
import dev.ctr.proto.migration.Wishes;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The target's side of migrations, as an agent serves it. What a process that died has left in the journal is settled when the service
 * is made. Safe for concurrent use.
 */
public final class MigrationService extends MigrationGrpc.MigrationImplBase {
    /** How long a source that is not there any more may take to come back, before it is undone what is not granted. */
    static final Duration GRACE = Duration.ofSeconds(10);

    private static final Duration HEARTBEAT = Duration.ofSeconds(2);
    private static final int MOST = 16;
    private static final Logger LOG = LoggerFactory.getLogger(MigrationService.class);

    private final Engine engine;
    private final RestorePolicy policy;
    private final MigrationJournal journal;
    private final TargetPreflight preflight;
    private final TargetRecovery recovery;
    private final MigrationMetrics metrics;
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "migration");
        thread.setDaemon(true);
        return thread;
    });

    @GuardedBy("this")
    private final Map<MigrationId, ControlSession> sessions = new HashMap<>();

    /**
     * Serves migrations to an engine.
     *
     * @param policy what containers from elsewhere are granted
     */
    public MigrationService(Engine engine, RestorePolicy policy, Metrics metrics) {
        this.engine = engine;
        this.policy = policy;
        this.journal = new MigrationJournal(engine.options().root());
        this.preflight = new TargetPreflight(engine, policy);
        this.recovery = new TargetRecovery(engine, journal);
        this.metrics = new MigrationMetrics(metrics);
        recovery.settleAll();
    }

    @Override
    public void preflight(PreflightRequest request, StreamObserver<PreflightReply> reply) {
        answer(
                reply,
                () -> PreflightReply.newBuilder()
                        .addAllFindings(preflight.findings(request.getContainer(), request.getWishes()))
                        .setImageBytes(preflight.imageBytes(request.getContainer()))
                        .build());
    }

    @Override
    public StreamObserver<ControlRequest> control(StreamObserver<ControlReply> replies) {
        ControlCall call = new ControlCall(this, Peer.current(), replies);
        beat(call);
        return call;
    }

    /** Tells the source from time to time that this host is still there, as long as the call lasts. */
    private void beat(ControlCall call) {
        CompletableFuture.delayedExecutor(HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS, threads)
                .execute(() -> {
                    if (call.beat()) {
                        beat(call);
                    }
                });
    }

    @Override
    public StreamObserver<DataRequest> data(StreamObserver<DataReply> replies) {
        Peer peer = Peer.current();
        return new DataCall(attempt -> streams(attempt, peer), replies);
    }

    private IncomingStreams streams(Attempt attempt, Peer peer) {
        ControlSession session = session(id(attempt))
                .orElseThrow(() -> Status.NOT_FOUND
                        .withDescription("there is no migration " + attempt.getMigration() + " under way here")
                        .asRuntimeException());
        requirePeer(session.migration().entry(), peer);
        session.requireEpoch(attempt.getEpoch());
        return session.migration().streams();
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusReply> reply) {
        Peer peer = Peer.current();
        answer(reply, () -> statusOf(id(request.getAttempt()), peer));
    }

    @Override
    public void settle(StatusRequest request, StreamObserver<StatusReply> reply) {
        Peer peer = Peer.current();
        threads.execute(() -> answer(reply, () -> settled(request.getAttempt(), peer)));
    }

    private StatusReply statusOf(MigrationId migration, Peer peer) throws IOException {
        Optional<MigrationRecord> known = journal.read(Side.TARGET, migration);
        if (known.isEmpty()) {
            return StatusReply.newBuilder()
                    .setState(StatusReply.State.UNKNOWN)
                    .setReason("this host knows of no migration " + migration)
                    .build();
        }
        requirePeer(known.get(), peer);
        return recovery.status(known.get());
    }

    private StatusReply settled(Attempt attempt, Peer peer) throws IOException, InterruptedException {
        MigrationId migration = id(attempt);
        Optional<ControlSession> session = session(migration);
        if (session.isPresent()) {
            requirePeer(session.get().migration().entry(), peer);
            session.get().enterEpoch(attempt.getEpoch());
            session.get().migration().abort("the source has settled the migration");
        } else {
            Optional<MigrationRecord> known = journal.read(Side.TARGET, migration);
            if (known.isPresent()) {
                requirePeer(known.get(), peer);
                recovery.settle(known.get());
            } else {
                // From now on it is known as one that never ran, so that it cannot begin late.
                journal.begin(recordOf(attempt, peer, Description.getDefaultInstance(), "")
                        .in(MigrationState.CANCELLED, "the source settled it before it began here"));
            }
        }
        return statusOf(migration, peer);
    }

    /** The migration that a request of this peer is about, begun if it begins it. */
    ControlSession session(ControlRequest request, Peer peer) throws IOException {
        MigrationId migration = id(request.getAttempt());
        Optional<ControlSession> known = session(migration);
        ControlSession session = known.isPresent() ? known.get() : newSession(migration, request, peer);
        requirePeer(session.migration().entry(), peer);
        session.enterEpoch(request.getAttempt().getEpoch());
        return session;
    }

    private synchronized ControlSession newSession(MigrationId migration, ControlRequest request, Peer peer)
            throws IOException {
        ControlSession raced = sessions.get(migration);
        if (raced != null) {
            return raced;
        }
        Optional<MigrationRecord> past = journal.read(Side.TARGET, migration);
        if (past.isPresent()) {
            requirePeer(past.get(), peer);
            ControlSession ended =
                    new ControlSession(this, TargetMigration.ofPast(engine, journal, past.get()), () -> {});
            sessions.put(migration, ended);
            return ended;
        }
        if (!request.hasBegin()) {
            throw Status.NOT_FOUND
                    .withDescription("there is no migration " + migration + " under way here")
                    .asRuntimeException();
        }
        long open = sessions.values().stream()
                .filter(session -> !session.migration().isOver())
                .count();
        if (open >= MOST) {
            throw Status.RESOURCE_EXHAUSTED
                    .withDescription("this host takes " + open + " containers over already; try again later")
                    .asRuntimeException();
        }
        Begin begin = request.getBegin();
        MigrationRecord entry = recordOf(
                request.getAttempt(),
                peer,
                begin.getContainer(),
                begin.getWishes().getName().isEmpty()
                        ? begin.getContainer().getName()
                        : begin.getWishes().getName());
        RestoreOptions options = restoreOptions(begin.getWishes());
        MigrationJournal.Ownership ownership = journal.own(Side.TARGET, migration)
                .orElseThrow(
                        () -> new IOException("another agent of this root carries migration " + migration + " out"));
        ControlSession session;
        try {
            journal.begin(entry);
            TargetMigration begun = new TargetMigration(engine, journal, entry, options);
            begun.onEnd(outcome -> ended(begun, outcome));
            session = new ControlSession(this, begun, ownership);
        } catch (IOException | RuntimeException e) {
            ownership.close();
            throw e;
        }
        sessions.put(migration, session);
        LOG.info("migration {} of {} from {} begins", migration.abbreviated(), entry.name(), peer);
        return session;
    }

    private void ended(TargetMigration migration, Outcome outcome) {
        metrics.ended(outcome, migration.streams().bytes());
        LOG.info(
                "migration {} of {} ends: {} {}",
                migration.id().abbreviated(),
                migration.entry().name(),
                outcome.getWord(),
                outcome.getReason());
    }

    private static MigrationRecord recordOf(Attempt attempt, Peer peer, Description container, String name) {
        Instant now = Instant.now();
        return new MigrationRecord(
                id(attempt),
                Side.TARGET,
                attempt.getEpoch(),
                MigrationState.BEGUN,
                container.getId(),
                name,
                peer.name(),
                peer.address(),
                "",
                "",
                container.getRemoveOnExit(),
                "",
                now,
                now);
    }

    private RestoreOptions restoreOptions(Wishes wishes) {
        RestoreOptions options = new RestoreOptions()
                .tcpEstablished(wishes.getTcpEstablished())
                .tcpClose(wishes.getTcpClose())
                .fileLocks(wishes.getFileLocks())
                .ignoreVolumes(wishes.getIgnoreVolumes())
                .archiveRuntime(true)
                .policy(policy.requiringManifest());
        if (!wishes.getName().isEmpty()) {
            options.name(wishes.getName());
        }
        if (wishes.getPublishCount() > 0) {
            options.ports(
                    wishes.getPublishList().stream().map(PortMapping::parse).toList());
        }
        return options;
    }

    TargetPreflight preflight() {
        return preflight;
    }

    MigrationMetrics metrics() {
        return metrics;
    }

    ExecutorService threads() {
        return threads;
    }

    private synchronized Optional<ControlSession> session(MigrationId migration) {
        return Optional.ofNullable(sessions.get(migration));
    }

    /** Lets go of a migration that is over: the journal tells what is still asked for. */
    void forget(ControlSession session) {
        synchronized (this) {
            sessions.remove(session.migration().id(), session);
        }
        try {
            session.close();
        } catch (IOException e) {
            LOG.warn("migration {}: {}", session.migration().id(), e.getMessage());
        }
    }

    private static MigrationId id(Attempt attempt) {
        try {
            return new MigrationId(attempt.getMigration());
        } catch (IllegalArgumentException e) {
            throw Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asRuntimeException();
        }
    }

    private static void requirePeer(MigrationRecord entry, Peer peer) {
        if (!peer.names().contains(entry.peer())) {
            LOG.warn("{} asked for migration {}, which is another's", peer, entry.migration());
            throw Status.PERMISSION_DENIED
                    .withDescription("migration " + entry.migration() + " is not one of " + peer.name())
                    .asRuntimeException();
        }
    }

    /** What answers a call. */
    private interface Answer<T> {
        T get() throws IOException, InterruptedException;
    }

    private static <T> void answer(StreamObserver<T> reply, Answer<T> answer) {
        try {
            T value = answer.get();
            reply.onNext(value);
            reply.onCompleted();
        } catch (StatusRuntimeException e) {
            reply.onError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            reply.onError(Status.CANCELLED.withDescription("interrupted").asRuntimeException());
        } catch (IOException | RuntimeException e) {
            reply.onError(Status.INTERNAL
                    .withDescription(String.valueOf(e.getMessage()))
                    .withCause(e)
                    .asRuntimeException());
        }
    }
}

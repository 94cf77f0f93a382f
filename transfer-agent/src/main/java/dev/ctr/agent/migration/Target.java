package dev.ctr.agent.migration;

import dev.ctr.agent.AgentChannel;
import dev.ctr.agent.AgentException;
import dev.ctr.agent.HostAndPort;
import dev.ctr.agent.Identity;
import dev.ctr.agent.transfer.MigrationId;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.proto.migration.Attempt;
import dev.ctr.proto.migration.MigrationGrpc;
import dev.ctr.proto.migration.MigrationGrpc.MigrationStub;
import dev.ctr.proto.migration.PreflightReply;
import dev.ctr.proto.migration.PreflightRequest;
import dev.ctr.proto.migration.StatusReply;
import dev.ctr.proto.migration.StatusRequest;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The target's agent, as the source sees it. Safe for concurrent use. */
final class Target implements AutoCloseable {
    private static final Duration ANSWER = Duration.ofSeconds(20);

    private final AgentChannel control;
    private final HostAndPort address;
    private final Identity identity;
    private final List<AgentChannel> data = new ArrayList<>();

    private Target(HostAndPort address, Identity identity) {
        this.address = address;
        this.identity = identity;
        this.control = AgentChannel.connect(address, identity);
    }

    static Target connect(HostAndPort address, Identity identity) {
        return new Target(address, identity);
    }

    MigrationStub control() {
        return MigrationGrpc.newStub(control.calls());
    }

    /** So many connections of their own for data. */
    synchronized List<MigrationStub> data(int count) {
        while (data.size() < count) {
            data.add(AgentChannel.connect(address, identity));
        }
        return data.stream()
                .map(channel -> MigrationGrpc.newStub(channel.calls()))
                .toList();
    }

    /**
     * Asks whether it would take a container.
     *
     * @throws AgentException if there is no answer
     */
    PreflightReply preflight(PreflightRequest request) {
        try {
            return MigrationGrpc.newBlockingStub(control.calls())
                    .withDeadlineAfter(ANSWER.toMillis(), TimeUnit.MILLISECONDS)
                    .preflight(request);
        } catch (StatusRuntimeException e) {
            throw control.explain(e);
        }
    }

    /**
     * Has a migration undone that was not granted, and tells what became of it. Asks over a connection of its own: the one that there
     * was may wait for long before it sends again, if what it sent was lost.
     *
     * @throws AgentException if there is no answer
     */
    StatusReply settle(MigrationId migration, long epoch, Duration patience) {
        try (AgentChannel asking = AgentChannel.connect(address, identity)) {
            try {
                return MigrationGrpc.newBlockingStub(asking.calls())
                        .withDeadlineAfter(patience.toMillis(), TimeUnit.MILLISECONDS)
                        .settle(StatusRequest.newBuilder()
                                .setAttempt(attempt(migration, epoch))
                                .build());
            } catch (StatusRuntimeException e) {
                throw asking.explain(e);
            }
        }
    }

    static Attempt attempt(MigrationId migration, long epoch) {
        return Attempt.newBuilder()
                .setMigration(migration.hex())
                .setEpoch(epoch)
                .build();
    }

    /** What could not be done with the target, in the engine's form. */
    static EngineException failure(String sentence, Throwable cause) {
        return new EngineException(EngineException.Code.RUNTIME, sentence, cause);
    }

    @Override
    public synchronized void close() {
        data.forEach(AgentChannel::close);
        control.close();
    }
}

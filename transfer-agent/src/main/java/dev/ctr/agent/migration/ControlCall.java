package dev.ctr.agent.migration;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.ctr.agent.Peer;
import dev.ctr.proto.migration.ControlReply;
import dev.ctr.proto.migration.ControlRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One control call of a source: brings its requests to their migration, and the replies back. */
final class ControlCall implements StreamObserver<ControlRequest> {
    private final MigrationService service;
    private final Peer peer;

    @GuardedBy("this")
    private final StreamObserver<ControlReply> replies;

    @GuardedBy("this")
    private @Nullable ControlSession session;

    @GuardedBy("this")
    private boolean ended;

    ControlCall(MigrationService service, Peer peer, StreamObserver<ControlReply> replies) {
        this.service = service;
        this.peer = peer;
        this.replies = replies;
    }

    @Override
    public void onNext(ControlRequest request) {
        try {
            ControlSession asked = service.session(request, peer);
            attach(asked);
            var unused = asked.handle(request).thenAccept(this::reply);
        } catch (StatusRuntimeException e) {
            end(e);
        } catch (IOException | RuntimeException e) {
            end(Status.INTERNAL
                    .withDescription(String.valueOf(e.getMessage()))
                    .withCause(e)
                    .asRuntimeException());
        }
    }

    private synchronized void attach(ControlSession asked) {
        if (session != null && session != asked) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("a control call is about one migration")
                    .asRuntimeException();
        }
        if (session == null) {
            session = asked;
            asked.attach();
        }
    }

    private synchronized void reply(ControlReply reply) {
        if (!ended) {
            replies.onNext(reply);
        }
    }

    /** Sends a reply to no step; false if the call is over. */
    synchronized boolean beat() {
        if (!ended) {
            replies.onNext(ControlReply.getDefaultInstance());
        }
        return !ended;
    }

    private synchronized void end(StatusRuntimeException reason) {
        if (!ended) {
            ended = true;
            replies.onError(reason);
        }
        detach();
    }

    @GuardedBy("this")
    private void detach() {
        Optional.ofNullable(session).ifPresent(ControlSession::detach);
        session = null;
    }

    @Override
    public synchronized void onError(Throwable broken) {
        ended = true;
        detach();
    }

    @Override
    public synchronized void onCompleted() {
        if (!ended) {
            ended = true;
            replies.onCompleted();
        }
        detach();
    }
}

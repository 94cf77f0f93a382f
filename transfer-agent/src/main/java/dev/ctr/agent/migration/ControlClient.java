package dev.ctr.agent.migration;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.ctr.proto.migration.Attempt;
import dev.ctr.proto.migration.ControlReply;
import dev.ctr.proto.migration.ControlRequest;
import dev.ctr.proto.migration.MigrationGrpc.MigrationStub;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The source's end of a migration's control call. A call that breaks is made again, and the step that was under way is asked for
 * again, which the target does not do twice. One step at a time; {@link #fail} may come from any thread.
 */
final class ControlClient implements AutoCloseable {
    private static final long PAUSE_MILLIS = 100;
    private static final long WATCH_MILLIS = 500;
    private static final long STOPPED_NANOS = 3_000_000_000L;

    /** What the target means, as opposed to what happens on the way. */
    private static final Set<Status.Code> FINAL = Set.of(
            Status.Code.PERMISSION_DENIED,
            Status.Code.FAILED_PRECONDITION,
            Status.Code.NOT_FOUND,
            Status.Code.INVALID_ARGUMENT,
            Status.Code.RESOURCE_EXHAUSTED,
            Status.Code.UNAUTHENTICATED,
            Status.Code.UNIMPLEMENTED);

    private final MigrationStub target;
    private final Attempt attempt;
    private final Duration patience;

    @GuardedBy("this")
    private @Nullable StreamObserver<ControlRequest> call;

    @GuardedBy("this")
    private @Nullable ControlRequest last;

    @GuardedBy("this")
    private CompletableFuture<ControlReply> pending = new CompletableFuture<>();

    @GuardedBy("this")
    private @Nullable IOException over;

    @GuardedBy("this")
    private long lastHeard = System.nanoTime();

    @GuardedBy("this")
    private int step;

    @GuardedBy("this")
    private long lastWatched = System.nanoTime();

    ControlClient(MigrationStub target, Attempt attempt, Duration patience) {
        this.target = target;
        this.attempt = attempt;
        this.patience = patience;
        watch();
    }

    /**
     * The target tells every two seconds that it is there; if it does not, nobody waits for it any longer. While this process was
     * stopped it could not have heard anything.
     */
    private void watch() {
        CompletableFuture.delayedExecutor(WATCH_MILLIS, TimeUnit.MILLISECONDS).execute(() -> {
            boolean late;
            synchronized (this) {
                if (over != null) {
                    return;
                }
                long now = System.nanoTime();
                if (now - lastWatched > STOPPED_NANOS) {
                    lastHeard = now;
                }
                lastWatched = now;
                late = last != null && now - lastHeard > patience.toNanos();
            }
            if (late) {
                fail(new IOException("the target was not heard of for " + patience.toSeconds() + " s"));
            } else {
                watch();
            }
        });
    }

    /** The target did not do the step, and said why. */
    static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1;

        RefusedException(String reason) {
            super(reason);
        }
    }

    /**
     * Begins a step.
     *
     * @return the reply, or a failure: that the connection is lost or the target refuses
     */
    synchronized CompletableFuture<ControlReply> start(ControlRequest.Builder request) {
        step++;
        last = request.setAttempt(attempt).setStep(step).build();
        pending = new CompletableFuture<>();
        if (over != null) {
            pending.completeExceptionally(over);
            return pending;
        }
        lastHeard = System.nanoTime();
        send();
        return pending;
    }

    /** Does a step, and waits for its reply. */
    ControlReply call(ControlRequest.Builder request) throws IOException, InterruptedException {
        return Reply.of(start(request));
    }

    @GuardedBy("this")
    private void send() {
        if (last == null) {
            return;
        }
        if (call == null) {
            call = target.control(new Replies());
        }
        try {
            call.onNext(last);
        } catch (IllegalStateException broken) {
            // The call's own end tells why, and has it made again.
            return;
        }
    }

    /** What one call brings; a call that was made after it makes it void. */
    private final class Replies implements StreamObserver<ControlReply> {
        @Override
        public void onNext(ControlReply reply) {
            CompletableFuture<ControlReply> answered;
            synchronized (ControlClient.this) {
                lastHeard = System.nanoTime();
                if (reply.getStep() != step) {
                    return;
                }
                answered = pending;
            }
            if (reply.hasRefusal()) {
                answered.completeExceptionally(new RefusedException(
                        "the target says: " + reply.getRefusal().getReason()));
            } else {
                answered.complete(reply);
            }
        }

        @Override
        public void onError(Throwable reason) {
            broke(Status.fromThrowable(reason));
        }

        @Override
        public void onCompleted() {
            broke(Status.UNAVAILABLE.withDescription("the target has ended the call"));
        }
    }

    private void broke(Status status) {
        String why = status.getDescription() == null ? status.getCode().name() : status.getDescription();
        boolean late;
        synchronized (this) {
            call = null;
            if (over != null) {
                return;
            }
            late = System.nanoTime() - lastHeard > patience.toNanos();
        }
        if (FINAL.contains(status.getCode())) {
            fail(new RefusedException(why));
        } else if (late) {
            fail(new IOException("the connection to the target is lost: " + why));
        } else {
            CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)
                    .execute(this::reopen);
        }
    }

    private synchronized void reopen() {
        if (call == null && over == null) {
            send();
        }
    }

    /** Ends everything: whoever waits for a reply gets this. */
    void fail(IOException reason) {
        CompletableFuture<ControlReply> waiting;
        synchronized (this) {
            if (over == null) {
                over = reason;
            }
            waiting = pending;
        }
        waiting.completeExceptionally(reason);
    }

    @Override
    public void close() {
        fail(new IOException("the migration has ended"));
        synchronized (this) {
            if (call != null) {
                try {
                    call.onCompleted();
                } catch (IllegalStateException alreadyOver) {
                    call = null;
                }
            }
        }
    }
}

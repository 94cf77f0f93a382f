package dev.ctr.agent.transfer;

import dev.ctr.proto.migration.Attempt;
import dev.ctr.proto.migration.DataReply;
import dev.ctr.proto.migration.DataRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The receiver's end of a call with data: its first message tells which migration they belong to. */
public final class DataCall implements StreamObserver<DataRequest> {
    private final Function<Attempt, IncomingStreams> migrations;
    private final StreamObserver<DataReply> replies;
    private @Nullable StreamObserver<DataRequest> migration;
    private boolean refused;

    /** @param migrations finds a migration's streams; a {@link StatusRuntimeException} of it is the answer to the caller */
    public DataCall(Function<Attempt, IncomingStreams> migrations, StreamObserver<DataReply> replies) {
        this.migrations = migrations;
        this.replies = replies;
    }

    @Override
    public void onNext(DataRequest request) {
        if (refused) {
            return;
        }
        if (migration != null && request.hasChunk()) {
            migration.onNext(request);
            return;
        }
        try {
            if (migration != null || !request.hasAttempt()) {
                throw Status.INVALID_ARGUMENT
                        .withDescription("the first message of a data call, and no other, names the migration")
                        .asRuntimeException();
            }
            migration = migrations.apply(request.getAttempt()).connect(replies);
        } catch (StatusRuntimeException e) {
            refused = true;
            replies.onError(e);
        }
    }

    @Override
    public void onError(Throwable broken) {
        if (migration != null) {
            migration.onError(broken);
        }
    }

    @Override
    public void onCompleted() {
        if (migration != null) {
            migration.onCompleted();
        } else if (!refused) {
            replies.onCompleted();
        }
    }
}

package dev.ctr.agent.transfer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.ctr.proto.migration.Attempt;
import dev.ctr.proto.migration.Chunk;
import dev.ctr.proto.migration.DataReply;
import dev.ctr.proto.migration.DataRequest;
import dev.ctr.proto.migration.MigrationGrpc.MigrationStub;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One call that carries chunks to the receiver, until it breaks. Sent over by one thread. */
final class DataConnection implements ClientResponseObserver<DataRequest, DataReply>, AutoCloseable {
    private final OutgoingStreams streams;

    @GuardedBy("this")
    private @Nullable ClientCallStreamObserver<DataRequest> call;

    @GuardedBy("this")
    private @Nullable Throwable broken;

    @GuardedBy("this")
    private boolean heard;

    private DataConnection(OutgoingStreams streams) {
        this.streams = streams;
    }

    static DataConnection open(MigrationStub target, Attempt attempt, OutgoingStreams streams) {
        DataConnection connection = new DataConnection(streams);
        target.data(connection)
                .onNext(DataRequest.newBuilder().setAttempt(attempt).build());
        return connection;
    }

    @Override
    public synchronized void beforeStart(ClientCallStreamObserver<DataRequest> started) {
        call = started;
        started.setOnReadyHandler(this::ready);
    }

    private synchronized void ready() {
        heard = true;
        notifyAll();
    }

    /** Whether the connection has no room at the moment: the link is slower than who feeds it. */
    synchronized boolean isCongested() {
        return call != null && !call.isReady();
    }

    synchronized boolean isBroken() {
        return broken != null;
    }

    /** Whether it was of any use. */
    synchronized boolean wasHeard() {
        return heard;
    }

    /** Sends a chunk once there is room in the connection. */
    synchronized void send(Chunk chunk) throws IOException, InterruptedException {
        while (broken == null && isCongested()) {
            wait();
        }
        if (broken != null || call == null) {
            throw new IOException("the connection broke", broken);
        }
        call.onNext(DataRequest.newBuilder().setChunk(chunk).build());
    }

    @Override
    public void onNext(DataReply reply) {
        ready();
        streams.progressed(reply);
    }

    @Override
    public void onError(Throwable reason) {
        end(reason);
    }

    @Override
    public void onCompleted() {
        end(new IOException("the other side has ended the call"));
    }

    private void end(Throwable reason) {
        synchronized (this) {
            if (broken == null) {
                broken = reason;
            }
            notifyAll();
        }
        streams.wake();
    }

    synchronized @Nullable Throwable reason() {
        return broken;
    }

    @Override
    public synchronized void close() {
        if (call != null && broken == null) {
            call.cancel("the migration does not need it any more", null);
        }
    }
}

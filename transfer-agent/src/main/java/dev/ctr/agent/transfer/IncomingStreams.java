package dev.ctr.agent.transfer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.ctr.proto.migration.Chunk;
import dev.ctr.proto.migration.DataReply;
import dev.ctr.proto.migration.DataRequest;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The receiver's side of a migration's byte streams. Safe for concurrent use. */
public final class IncomingStreams implements AutoCloseable {
    /** How many streams may be open at a time: each may hold a window's worth of memory. */
    private static final int MOST = 2;

    private static final int LONGEST_NAME = 64;
    private static final Logger LOG = LoggerFactory.getLogger(IncomingStreams.class);

    private final MigrationId migration;
    private final ChunkSeal seal;

    @GuardedBy("this")
    private final Map<String, ChunkReceiver> open = new LinkedHashMap<>();

    /** How far those had come that are finished: their senders may not know it yet. */
    @GuardedBy("this")
    private final Map<String, DataReply> finished = new HashMap<>();

    @GuardedBy("this")
    private final Set<StreamObserver<DataReply>> connections = new HashSet<>();

    @GuardedBy("this")
    private @Nullable IOException failure;

    @GuardedBy("this")
    private long bytes;

    public IncomingStreams(MigrationId migration) {
        this.migration = migration;
        this.seal = new ChunkSeal(migration);
    }

    /**
     * The stream of this name, to be read once and then {@link #finish finished}.
     *
     * @throws IOException if there are too many at a time, it was finished before, or the migration has ended
     */
    public synchronized ChunkReceiver stream(String name) throws IOException {
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
        ChunkReceiver known = open.get(name);
        if (known != null) {
            return known;
        }
        if (finished.containsKey(name) || open.size() >= MOST || name.isEmpty() || name.length() > LONGEST_NAME) {
            throw new IOException("there can be no stream \"" + name + "\" now");
        }
        ChunkReceiver created = new ChunkReceiver(name, () -> tell(name));
        open.put(name, created);
        return created;
    }

    /** Forgets a stream that was read; what still comes of it is passed over. */
    public void finish(String name) {
        ChunkReceiver receiver;
        synchronized (this) {
            receiver = open.remove(name);
            finished.put(
                    name,
                    receiver == null ? DataReply.newBuilder().setStream(name).build() : state(name, receiver));
            tell(name);
        }
        if (receiver != null) {
            receiver.fail(new IOException("the stream has been read"));
        }
    }

    /** How many bytes have come in chunks, as they were sent, those that came twice included. */
    public synchronized long bytes() {
        return bytes;
    }

    /** Takes the chunks of one more connection, until it ends; what it sends against the protocol ends it, and it alone. */
    public StreamObserver<DataRequest> connect(StreamObserver<DataReply> replies) {
        synchronized (this) {
            connections.add(replies);
            open.forEach((name, receiver) -> replies.onNext(state(name, receiver)));
            finished.values().forEach(replies::onNext);
        }
        return new StreamObserver<>() {
            @Override
            public void onNext(DataRequest request) {
                try {
                    accept(request.getChunk());
                } catch (IOException e) {
                    LOG.warn("data of migration {} refused: {}", migration, e.getMessage());
                    disconnect(replies);
                    replies.onError(Status.INVALID_ARGUMENT
                            .withDescription(e.getMessage())
                            .asRuntimeException());
                }
            }

            @Override
            public void onError(Throwable broken) {
                disconnect(replies);
            }

            @Override
            public void onCompleted() {
                disconnect(replies);
                replies.onCompleted();
            }
        };
    }

    private void accept(Chunk message) throws IOException {
        synchronized (this) {
            bytes += message.getData().size();
            if (finished.containsKey(message.getStream())) {
                tell(message.getStream());
                return;
            }
        }
        ChunkData chunk = seal.open(message);
        stream(chunk.stream()).accept(chunk);
    }

    private synchronized void disconnect(StreamObserver<DataReply> connection) {
        connections.remove(connection);
    }

    private synchronized void tell(String name) {
        ChunkReceiver receiver = open.get(name);
        DataReply state = receiver == null ? finished.get(name) : state(name, receiver);
        if (state == null) {
            return;
        }
        connections.removeIf(connection -> {
            try {
                connection.onNext(state);
                return false;
            } catch (RuntimeException ended) {
                return true;
            }
        });
    }

    private static DataReply state(String name, ChunkReceiver receiver) {
        return DataReply.newBuilder()
                .setStream(name)
                .setReceived(receiver.received())
                .setLimit(receiver.limit())
                .build();
    }

    /** Ends all streams before their end. */
    public synchronized void fail(IOException reason) {
        if (failure == null) {
            failure = reason;
        }
        open.values().forEach(receiver -> receiver.fail(reason));
        open.clear();
    }

    @Override
    public synchronized void close() {
        fail(new IOException("the migration has ended"));
        connections.removeIf(connection -> {
            try {
                connection.onCompleted();
            } catch (RuntimeException alreadyOver) {
                return true;
            }
            return true;
        });
    }
}

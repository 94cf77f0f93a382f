package dev.ctr.agent.transfer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.ctr.proto.migration.DataReply;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The sender's side of a migration's byte streams: what is to be sent, what is on its way over which connection, and how much more
 * the receiver takes. Holds no more than the receiver's window. Safe for concurrent use.
 */
final class OutgoingStreams {
    /** How much may be sent of a stream before the receiver has said anything, in bytes: a constant of the protocol. */
    static final long WINDOW = 16L << 20;

    @GuardedBy("this")
    private final Deque<ChunkData> waiting = new ArrayDeque<>();

    /** What was sent and has not arrived, with the connection that it was sent over. */
    @GuardedBy("this")
    private final IdentityHashMap<ChunkData, Object> onTheirWay = new IdentityHashMap<>();

    @GuardedBy("this")
    private final Map<String, Progress> streams = new HashMap<>();

    @GuardedBy("this")
    private @Nullable IOException failure;

    @GuardedBy("this")
    private boolean closed;

    /** How far a stream has come, as the receiver tells. */
    private record Progress(long received, long limit) {}

    /** Begins a stream; a name is used once. */
    synchronized void begin(String stream) {
        if (streams.putIfAbsent(stream, new Progress(0, WINDOW)) != null) {
            throw new IllegalArgumentException("there was a stream " + stream + " before");
        }
    }

    /** Hands a chunk over to be sent, as soon as the receiver has room for it. */
    synchronized void put(ChunkData chunk) throws IOException, InterruptedException {
        while (failure == null
                && progress(chunk.stream()).limit()
                        < chunk.position() + chunk.data().size()) {
            wait();
        }
        check();
        waiting.add(chunk);
        notifyAll();
    }

    /** Waits until the receiver has everything of a stream up to a position. */
    synchronized void awaitReceived(String stream, long position) throws IOException, InterruptedException {
        while (failure == null && progress(stream).received() < position) {
            wait();
        }
        check();
    }

    /**
     * Waits for a chunk to send.
     *
     * @param connection who will send it, to {@link #lost} if it does not arrive
     * @param broken whether the caller has no use for a chunk any more; asked again after {@link #wake}
     * @return empty if it has none, or no more chunks will come
     */
    synchronized Optional<ChunkData> take(Object connection, BooleanSupplier broken) throws InterruptedException {
        while (waiting.isEmpty() && !closed && failure == null && !broken.getAsBoolean()) {
            wait();
        }
        if (closed || failure != null || broken.getAsBoolean()) {
            return Optional.empty();
        }
        ChunkData chunk = waiting.remove();
        onTheirWay.put(chunk, connection);
        return Optional.of(chunk);
    }

    /** Sends again, and before all else, what a connection that broke may have lost. */
    synchronized void lost(Object connection) {
        List<ChunkData> again = new ArrayList<>();
        onTheirWay.forEach((chunk, owner) -> {
            if (owner == connection) {
                again.add(chunk);
            }
        });
        again.forEach(chunk -> {
            onTheirWay.remove(chunk);
            waiting.addFirst(chunk);
        });
        notifyAll();
    }

    /** Takes the receiver's word of how far a stream has come. */
    synchronized void progressed(DataReply reply) {
        streams.computeIfPresent(
                reply.getStream(),
                (stream, before) -> new Progress(
                        Math.max(before.received(), reply.getReceived()), Math.max(before.limit(), reply.getLimit())));
        Map<String, Progress> now = Map.copyOf(streams);
        onTheirWay.keySet().removeIf(chunk -> hasArrived(chunk, now));
        waiting.removeIf(chunk -> hasArrived(chunk, now));
        notifyAll();
    }

    private static boolean hasArrived(ChunkData chunk, Map<String, Progress> now) {
        Progress progress = now.get(chunk.stream());
        return progress != null && chunk.end() <= progress.received();
    }

    @GuardedBy("this")
    private Progress progress(String stream) {
        return streams.getOrDefault(stream, new Progress(0, 0));
    }

    /** Lets {@link #take} ask again. */
    synchronized void wake() {
        notifyAll();
    }

    /** Ends everything: whoever writes or waits gets this failure. */
    synchronized void fail(IOException reason) {
        if (failure == null) {
            failure = reason;
        }
        waiting.clear();
        onTheirWay.clear();
        notifyAll();
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }

    synchronized boolean isOver() {
        return closed || failure != null;
    }

    @GuardedBy("this")
    private void check() throws IOException {
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
    }
}

package dev.ctr.agent.transfer;

import dev.ctr.proto.migration.Attempt;
import dev.ctr.proto.migration.Chunk;
import dev.ctr.proto.migration.MigrationGrpc.MigrationStub;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The connections that carry a migration's byte streams to the receiver. One that breaks is opened again, and what it may have lost is
 * sent again; when for some time none is up, whoever writes gets a failure. Safe for concurrent use.
 */
public final class DataLinks implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final Attempt attempt;
    private final ChunkSeal seal;
    private final ChunkCompression compression;
    private final Bandwidth bandwidth;
    private final Duration patience;
    private final OutgoingStreams streams = new OutgoingStreams();
    private final AtomicLong bytesSent = new AtomicLong();
    private final AtomicLong lastHeard = new AtomicLong(System.nanoTime());
    private final List<Thread> threads = new ArrayList<>();

    private DataLinks(
            MigrationId migration,
            Attempt attempt,
            ChunkCompression compression,
            Bandwidth bandwidth,
            Duration patience) {
        this.attempt = attempt;
        this.seal = new ChunkSeal(migration);
        this.compression = compression;
        this.bandwidth = bandwidth;
        this.patience = patience;
    }

    /**
     * Prepares a connection over each of these, which should be channels of their own.
     *
     * @param attempt whom the receiver is told that the data belong to
     * @param patience how long no connection may be up before sending fails
     */
    public static DataLinks over(
            List<MigrationStub> targets,
            Attempt attempt,
            ChunkCompression compression,
            Bandwidth bandwidth,
            Duration patience) {
        DataLinks links =
                new DataLinks(new MigrationId(attempt.getMigration()), attempt, compression, bandwidth, patience);
        for (MigrationStub target : targets) {
            Thread thread = new Thread(() -> links.run(target), "data-link-" + links.threads.size());
            thread.setDaemon(true);
            links.threads.add(thread);
        }
        return links;
    }

    /** Connects, which the receiver must know what to do with by now. */
    public void start() {
        threads.forEach(Thread::start);
    }

    /** Begins a stream; each has a name of its own. */
    public ChunkSender stream(String name) {
        return new ChunkSender(streams, name);
    }

    /** How many bytes of chunks were sent, compressed and sent again as they were. */
    public long bytesSent() {
        return bytesSent.get();
    }

    /** Lets whoever writes fail with this. */
    public void fail(IOException reason) {
        streams.fail(reason);
    }

    private void run(MigrationStub target) {
        try {
            while (!streams.isOver()) {
                try (DataConnection connection = DataConnection.open(target, attempt, streams)) {
                    use(connection);
                    streams.lost(connection);
                    giveUpIfHopeless(connection);
                }
                if (!streams.isOver()) {
                    Thread.sleep(PAUSE.toMillis());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            streams.fail(new IOException("sending broke off: " + e.getMessage(), e));
        }
    }

    private void use(DataConnection connection) throws InterruptedException {
        try {
            Optional<ChunkData> chunk = streams.take(connection, connection::isBroken);
            while (chunk.isPresent()) {
                int level = compression.level(connection.isCongested() || bandwidth.isLimited());
                Chunk message = seal.seal(chunk.get(), level);
                bandwidth.acquire(message.getData().size());
                connection.send(message);
                bytesSent.addAndGet(message.getData().size());
                chunk = streams.take(connection, connection::isBroken);
            }
        } catch (IOException broken) {
            // The caller looks at the connection.
            return;
        }
    }

    /** Fails when the receiver refuses, or was not heard of for too long. */
    private void giveUpIfHopeless(DataConnection connection) {
        if (connection.wasHeard()) {
            lastHeard.set(System.nanoTime());
        }
        @Nullable Throwable reason = connection.reason();
        if (reason == null || streams.isOver()) {
            return;
        }
        Status status = Status.fromThrowable(reason);
        boolean refused = status.getCode() != Status.Code.UNAVAILABLE
                && status.getCode() != Status.Code.UNKNOWN
                && status.getCode() != Status.Code.CANCELLED
                && status.getCode() != Status.Code.INTERNAL;
        boolean late = System.nanoTime() - lastHeard.get() > patience.toNanos();
        if (refused || late) {
            String why = status.getDescription() == null ? status.getCode().name() : status.getDescription();
            streams.fail(new IOException(
                    (refused ? "the target refuses the data: " : "the connection to the target is lost: ") + why,
                    reason));
        }
    }

    /** Ends the connections. Streams that were not closed get a failure. */
    @Override
    public void close() {
        streams.fail(new IOException("the migration has ended"));
        threads.forEach(Thread::interrupt);
    }
}

package dev.ctr.lifecycle;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A container's streams in the hands of a client elsewhere. {@link #carry} is called once, by a thread of the caller's;
 * the other calls may be made from any thread meanwhile.
 *
 * <p>Where the log comes first, the log is also where the rest of the output is read from, as it grows: so nothing is
 * lost and nothing comes twice where the one goes over into the other. It comes as much as 50 ms later then.
 */
public final class RemoteAttach implements AutoCloseable {
    private final Container container;
    private final @Nullable StreamCarrier live;
    private final AttachStreams streams;
    private final boolean fromLog;
    private final AtomicBoolean carried = new AtomicBoolean();
    private volatile boolean closed;

    private RemoteAttach(Container container, @Nullable StreamCarrier live, AttachStreams streams, boolean fromLog) {
        this.container = container;
        this.live = live;
        this.streams = streams;
        this.fromLog = fromLog;
    }

    static RemoteAttach live(Container container, StreamCarrier carrier, AttachStreams streams, boolean fromLog) {
        return new RemoteAttach(container, carrier, streams, fromLog);
    }

    static RemoteAttach past(Container container, AttachStreams streams) {
        return new RemoteAttach(container, null, streams, true);
    }

    /**
     * Carries until the container's output ends, or this is closed; returns at once after that. The streams stay open.
     *
     * @throws EngineException with DETACHED when the detach keys came
     */
    public void carry() {
        if (!carried.compareAndSet(false, true)) {
            return;
        }
        if (live == null) {
            carryLog(LogOptions.ALL);
        } else if (fromLog) {
            carryFollowingLog(live);
        } else {
            live.carry();
        }
    }

    private void carryFollowingLog(StreamCarrier carrier) {
        try {
            carrier.carryInput();
            carryLog(new LogOptions(true, -1, Optional.empty(), Optional.empty()));
        } finally {
            Calls.run("cannot end the attachment", carrier::close);
        }
        if (carrier.isDetached()) {
            throw new EngineException(EngineException.Code.DETACHED, "detached from the container");
        }
    }

    private void carryLog(LogOptions options) {
        OutputStream nowhere = OutputStream.nullOutputStream();
        OutputStream output = streams.output().orElse(nowhere);
        OutputStream errors = streams.errors().orElse(nowhere);
        container.readLog(
                options,
                line -> Calls.run(
                        "cannot carry the output", () -> write(line.stream().equals("stderr") ? errors : output, line)),
                this::isOver);
    }

    private static void write(OutputStream target, LogLine line) throws IOException {
        target.write(line.content());
        if (!line.partial()) {
            target.write('\n');
        }
        target.flush();
    }

    private boolean isOver() {
        if (closed || (live != null && live.isDetached())) {
            return true;
        }
        try {
            ContainerStatus status = container.state().status();
            return !status.isAlive() && status != ContainerStatus.CREATED;
        } catch (EngineException removed) {
            return true;
        }
    }

    /** Tells the container's terminal its size, in characters. */
    public void resize(int rows, int columns) {
        container.resize(rows, columns);
    }

    /** Ends {@link #carry}; the container goes on. */
    @Override
    public void close() {
        closed = true;
        if (live != null) {
            boolean idle = carried.compareAndSet(false, true);
            Calls.run("cannot end the attachment", idle ? live::close : live::end);
        }
    }
}

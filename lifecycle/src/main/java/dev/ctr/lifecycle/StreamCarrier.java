package dev.ctr.lifecycle;

import dev.ctr.lifecycle.runtime.Attachment;
import java.io.IOException;
import java.io.OutputStream;

/** Carries bytes between a caller's streams and a conmon that is connected, until either ends it. Used once. */
final class StreamCarrier {
    private final Attachment attachment;
    private final AttachStreams streams;
    private final boolean terminal;

    /**
     * Takes the connection over, and tells a terminal at its other end the present size.
     *
     * @param terminal whether the process has a terminal; only then do detach keys count, since only then is what comes
     *     in typed
     */
    StreamCarrier(Attachment attachment, AttachStreams streams, boolean terminal) {
        this.attachment = attachment;
        this.streams = streams;
        this.terminal = terminal;
    }

    /**
     * Carries until the process's streams are closed.
     *
     * @throws EngineException with DETACHED when the detach keys came
     */
    void carry() {
        Calls.run("cannot carry the output", () -> {
            try (attachment;
                    AutoCloseable ignored = watchTerminal()) {
                carryInput();
                attachment.carryOutput(
                        streams.output().orElseGet(OutputStream::nullOutputStream),
                        streams.errors().orElseGet(OutputStream::nullOutputStream));
            }
        });
        if (attachment.isDetached()) {
            throw new EngineException(EngineException.Code.DETACHED, "detached from the container");
        }
    }

    /** Carries input alone, for a caller who gets the output another way. */
    void carryInput() {
        byte[] keys = terminal ? streams.detachKeys().bytes() : DetachKeys.NONE.bytes();
        streams.input().ifPresent(input -> attachment.carryInput(input, keys));
    }

    boolean isDetached() {
        return attachment.isDetached();
    }

    /** Ends {@link #carry} from another thread. */
    void end() throws IOException {
        attachment.end();
    }

    /** Gives the connection back without having carried. */
    void close() throws IOException {
        attachment.close();
    }

    private AutoCloseable watchTerminal() {
        AutoCloseable nothing = () -> {};
        return streams.terminal()
                .map(source -> source.watch((rows, columns) ->
                        Calls.run("cannot resize the container's terminal", () -> attachment.resize(rows, columns))))
                .orElse(nothing);
    }
}

package dev.ctr.agent;

import com.google.protobuf.ByteString;
import io.grpc.stub.CallStreamObserver;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Sends what is written as messages; a writer waits while the other side does not take them. Several may share a {@link
 * Line}.
 */
final class StreamedOutput<M> extends OutputStream {
    private static final int LARGEST = 64 << 10;

    private final Line<M> line;
    private final Function<ByteString, M> message;

    StreamedOutput(Line<M> line, Function<ByteString, M> message) {
        this.line = line;
        this.message = message;
    }

    /** The sending side of a call, for any number of threads. */
    static final class Line<M> {
        private final CallStreamObserver<M> call;
        private final BooleanSupplier isOver;

        /** To be made before the call begins; {@code isOver} tells whether the other side has gone. */
        Line(CallStreamObserver<M> call, BooleanSupplier isOver) {
            this.call = call;
            this.isOver = isOver;
            call.setOnReadyHandler(this::wake);
        }

        /** Lets writers look again whether the call is over. */
        synchronized void wake() {
            notifyAll();
        }

        synchronized void send(M message) throws IOException {
            try {
                while (!call.isReady()) {
                    if (isOver.getAsBoolean()) {
                        throw new IOException("the other side has gone");
                    }
                    wait();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while sending", e);
            }
            call.onNext(message);
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length; done += LARGEST) {
            line.send(message.apply(ByteString.copyFrom(bytes, offset + done, Math.min(LARGEST, length - done))));
        }
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }
}

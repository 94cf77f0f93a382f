package dev.ctr.agent;

import com.google.protobuf.ByteString;
import dev.ctr.agent.AgentException.Reason;
import dev.ctr.lifecycle.AttachStreams;
import dev.ctr.lifecycle.DetachKeys;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.RemoteAttachOptions;
import dev.ctr.proto.agent.AgentGrpc;
import dev.ctr.proto.agent.AttachRequest;
import dev.ctr.proto.agent.AttachResponse;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The standard streams of a container at an agent. {@link #open} connects, {@link #carry} carries them until they end; used
 * once, by one thread. Closing it leaves the container as it is.
 */
public final class RemoteStreams implements AutoCloseable {
    private final AgentChannel channel;
    private final Conversation conversation;
    private final AttachResponse.Opened opened;

    private RemoteStreams(AgentChannel channel, Conversation conversation, AttachResponse.Opened opened) {
        this.channel = channel;
        this.conversation = conversation;
        this.opened = opened;
    }

    /** What comes from the agent: a message, a failure, or the end. */
    private sealed interface Event {
        record Message(AttachResponse response) implements Event {}

        record Failure(Throwable cause) implements Event {}

        record End() implements Event {}
    }

    /**
     * Connects to a container's streams.
     *
     * @param input whether input will be sent
     * @throws AgentException if the agent cannot be reached, does not have the container, or it is in no state for this
     */
    public static RemoteStreams open(
            AgentChannel channel, String container, RemoteAttachOptions options, boolean input, DetachKeys keys) {
        Conversation conversation = new Conversation();
        AgentGrpc.newStub(channel.calls()).attach(conversation);
        RemoteStreams streams = new RemoteStreams(channel, conversation, AttachResponse.Opened.getDefaultInstance());
        try {
            conversation
                    .line()
                    .send(AttachRequest.newBuilder()
                            .setOpen(AttachRequest.Open.newBuilder()
                                    .setContainer(container)
                                    .setLogs(options.logs())
                                    .setStream(options.stream())
                                    .setInput(input)
                                    .setDetachKeys(keys.toString()))
                            .build());
        } catch (IOException e) {
            // What ended the conversation is told by its next event.
        }
        AttachResponse first = streams.next();
        if (!first.hasOpened()) {
            streams.close();
            throw new AgentException(
                    Reason.NOT_AN_AGENT, "the agent at " + channel.address() + " began with a message out of turn");
        }
        return new RemoteStreams(channel, conversation, first.getOpened());
    }

    /** Whether the container has a terminal. */
    public boolean terminal() {
        return opened.getTerminal();
    }

    /**
     * Carries until the container's output ends.
     *
     * @return its exit code; 0 if it has not ended
     * @throws EngineException with DETACHED when the detach keys were typed
     * @throws AgentException if the connection broke or the agent failed
     */
    public int carry(AttachStreams streams) {
        streams.input().ifPresent(this::sendInput);
        try (AutoCloseable ignored = watchTerminal(streams)) {
            return receive(
                    streams.output().orElseGet(OutputStream::nullOutputStream),
                    streams.errors().orElseGet(OutputStream::nullOutputStream));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AgentException(Reason.FAILED, "cannot carry the output: " + e.getMessage(), e);
        }
    }

    private int receive(OutputStream output, OutputStream errors) throws IOException {
        while (true) {
            AttachResponse response = next();
            switch (response.getKindCase()) {
                case OUTPUT -> write(output, response.getOutput());
                case ERRORS -> write(errors, response.getErrors());
                case ENDED -> {
                    if (response.getEnded().getDetached()) {
                        throw new EngineException(EngineException.Code.DETACHED, "detached from the container");
                    }
                    return response.getEnded().getExitCode();
                }
                case OPENED, KIND_NOT_SET -> {}
            }
        }
    }

    private static void write(OutputStream target, ByteString bytes) throws IOException {
        bytes.writeTo(target);
        target.flush();
    }

    private AttachResponse next() {
        Event event = conversation.next();
        if (event instanceof Event.Message message) {
            return message.response();
        }
        if (event instanceof Event.Failure failure) {
            throw channel.explain(failure.cause());
        }
        throw new AgentException(Reason.UNREACHABLE, "the agent at " + channel.address() + " ended without a word");
    }

    private void sendInput(InputStream input) {
        Thread sender = new Thread(() -> copyInput(input), "ctr-attach-input");
        sender.setDaemon(true);
        sender.start();
    }

    private void copyInput(InputStream input) {
        try (OutputStream target = new StreamedOutput<>(
                conversation.line(),
                bytes -> AttachRequest.newBuilder().setInput(bytes).build())) {
            input.transferTo(target);
            conversation
                    .line()
                    .send(AttachRequest.newBuilder()
                            .setInputEnd(AttachRequest.InputEnd.getDefaultInstance())
                            .build());
        } catch (IOException | IllegalStateException e) {
            // The conversation is over, and its receiver tells why.
        }
    }

    private AutoCloseable watchTerminal(AttachStreams streams) {
        AutoCloseable nothing = () -> {};
        return streams.terminal().map(source -> source.watch(this::resize)).orElse(nothing);
    }

    private void resize(int rows, int columns) {
        try {
            conversation
                    .line()
                    .send(AttachRequest.newBuilder()
                            .setSize(AttachRequest.Size.newBuilder()
                                    .setRows(rows)
                                    .setColumns(columns))
                            .build());
        } catch (IOException | IllegalStateException e) {
            // The conversation is over, and its receiver tells why.
        }
    }

    @Override
    public void close() {
        conversation.cancel();
    }

    /** The call: one message at a time is asked for, so that what is not taken waits at the agent. */
    private static final class Conversation implements ClientResponseObserver<AttachRequest, AttachResponse> {
        private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(4);
        private @Nullable ClientCallStreamObserver<AttachRequest> requests;
        private StreamedOutput.@Nullable Line<AttachRequest> line;
        private volatile boolean over;

        @Override
        public void beforeStart(ClientCallStreamObserver<AttachRequest> call) {
            call.disableAutoRequestWithInitial(1);
            requests = call;
            line = new StreamedOutput.Line<>(call, () -> over);
        }

        StreamedOutput.Line<AttachRequest> line() {
            return Objects.requireNonNull(line, "the call has not begun");
        }

        Event next() {
            try {
                Event event = events.take();
                if (requests != null && event instanceof Event.Message) {
                    requests.request(1);
                }
                return event;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Event.Failure(e);
            }
        }

        private void add(Event event) {
            events.add(event);
        }

        private void finish(Event last) {
            over = true;
            line().wake();
            add(last);
        }

        @Override
        public void onNext(AttachResponse response) {
            add(new Event.Message(response));
        }

        @Override
        public void onError(Throwable failure) {
            finish(new Event.Failure(failure));
        }

        @Override
        public void onCompleted() {
            finish(new Event.End());
        }

        void cancel() {
            if (requests != null) {
                requests.cancel("no longer wanted", null);
            }
        }
    }
}

package dev.ctr.agent;

import dev.ctr.lifecycle.AttachStreams;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.DetachKeys;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.RemoteAttach;
import dev.ctr.lifecycle.RemoteAttachOptions;
import dev.ctr.proto.agent.AttachRequest;
import dev.ctr.proto.agent.AttachResponse;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call of Attach at the agent. The call's thread takes the peer's messages; a thread of its own carries the container's
 * streams, and ends when the output does or the peer goes.
 */
final class AttachCall implements StreamObserver<AttachRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(AttachCall.class);

    private static final long POLL_NANOS = 50_000_000;

    private final Engine engine;
    private final ServerCallStreamObserver<AttachResponse> answers;
    private final StreamedOutput.Line<AttachResponse> line;
    private final StreamedInput input;
    private @Nullable RemoteAttach attached;

    AttachCall(Engine engine, ServerCallStreamObserver<AttachResponse> answers) {
        this.engine = engine;
        this.answers = answers;
        this.line = new StreamedOutput.Line<>(answers, answers::isCancelled);
        this.input = new StreamedInput(() -> answers.request(1));
        answers.disableAutoInboundFlowControl();
        answers.setOnCancelHandler(this::leave);
        answers.setOnCloseHandler(this::leave);
        answers.request(1);
    }

    @Override
    public void onNext(AttachRequest request) {
        switch (request.getKindCase()) {
            case OPEN -> open(request.getOpen());
            case INPUT -> opened();
            case SIZE -> {
                AttachRequest.Size size = request.getSize();
                opened().resize(size.getRows(), size.getColumns());
                answers.request(1);
            }
            case INPUT_END -> {
                input.end();
                answers.request(1);
            }
            case KIND_NOT_SET -> throw invalid("a message of this conversation is of no known kind");
        }
        if (request.hasInput()) {
            input.offer(request.getInput());
        }
    }

    private void open(AttachRequest.Open open) {
        if (attached != null) {
            throw invalid("a conversation can be opened once only");
        }
        Container container = engine.container(open.getContainer());
        AttachStreams streams = new AttachStreams()
                .output(new StreamedOutput<>(
                        line,
                        bytes -> AttachResponse.newBuilder().setOutput(bytes).build()))
                .errors(new StreamedOutput<>(
                        line,
                        bytes -> AttachResponse.newBuilder().setErrors(bytes).build()))
                .detachKeys(DetachKeys.parse(open.getDetachKeys()));
        if (open.getInput()) {
            streams.input(input);
        }
        RemoteAttach attach =
                container.attachFromRemote(streams, new RemoteAttachOptions(open.getLogs(), open.getStream()));
        attached = attach;
        answers.onNext(AttachResponse.newBuilder()
                .setOpened(AttachResponse.Opened.newBuilder()
                        .setId(container.id().hex())
                        .setTerminal(container.config().terminal()))
                .build());
        answers.request(1);
        Thread carrier = new Thread(Context.current().wrap(() -> carry(container, attach)), "ctr-attach");
        carrier.setDaemon(true);
        carrier.start();
    }

    private RemoteAttach opened() {
        if (attached == null) {
            throw invalid("the first message must open the conversation");
        }
        return attached;
    }

    private static EngineException invalid(String sentence) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, sentence);
    }

    private void carry(Container container, RemoteAttach attach) {
        AttachResponse.Ended.Builder ended = AttachResponse.Ended.newBuilder();
        try {
            attach.carry();
            exitCode(container).ifPresent(ended::setExitCode);
        } catch (EngineException e) {
            if (e.code() != EngineException.Code.DETACHED) {
                fail(e);
                return;
            }
            ended.setDetached(true);
        }
        try {
            line.send(AttachResponse.newBuilder().setEnded(ended).build());
            answers.onCompleted();
        } catch (IOException e) {
            LOG.info("the end of an attachment was not told: {}", e.getMessage());
        }
    }

    /** That of a container whose output has ended; empty if the peer goes before the container does. */
    private OptionalInt exitCode(Container container) {
        while (!answers.isCancelled()) {
            ContainerStatus status = container.state().status();
            if (!status.isAlive()) {
                return status.hasEnded() ? OptionalInt.of(container.waitForExit()) : OptionalInt.empty();
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return OptionalInt.empty();
    }

    private void fail(EngineException failure) {
        if (!answers.isCancelled()) {
            answers.onError(Failures.toStatus(failure));
        }
    }

    /** The peer has gone: the container goes on. */
    private void leave() {
        input.end();
        line.wake();
        RemoteAttach attach = attached;
        if (attach != null) {
            attach.close();
        }
    }

    @Override
    public void onError(Throwable failure) {
        leave();
    }

    @Override
    public void onCompleted() {
        input.end();
    }
}

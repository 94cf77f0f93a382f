package dev.ctr.agent;

import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerSummary;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.proto.agent.AgentGrpc;
import dev.ctr.proto.agent.AttachRequest;
import dev.ctr.proto.agent.AttachResponse;
import dev.ctr.proto.agent.ListContainersRequest;
import dev.ctr.proto.agent.PingRequest;
import dev.ctr.proto.agent.PingResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.Optional;

/** What an agent serves besides migrations: who it is, which containers it has, and their standard streams. */
public final class AgentService extends AgentGrpc.AgentImplBase {
    private final Engine engine;
    private final String version;

    /**
     * @param engine whose containers peers see
     * @param version ctr's own
     */
    public AgentService(Engine engine, String version) {
        this.engine = engine;
        this.version = version;
    }

    @Override
    public void ping(PingRequest request, StreamObserver<PingResponse> answers) {
        answers.onNext(PingResponse.newBuilder()
                .setVersion(version)
                .setHostName(hostName())
                .addAllCaller(Peer.current().names())
                .build());
        answers.onCompleted();
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void listContainers(
            ListContainersRequest request, StreamObserver<dev.ctr.proto.agent.ContainerSummary> answers) {
        engine.containers().stream()
                .flatMap(container -> summary(container).stream())
                .sorted(Comparator.comparing(ContainerSummary::createdAt))
                .map(Summaries::toMessage)
                .forEach(answers::onNext);
        answers.onCompleted();
    }

    /** Empty if it was removed meanwhile. */
    private static Optional<ContainerSummary> summary(Container container) {
        try {
            return Optional.of(ContainerSummary.of(container.config(), container.state()));
        } catch (EngineException e) {
            if (e.code() == EngineException.Code.NO_SUCH_CONTAINER) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public StreamObserver<AttachRequest> attach(StreamObserver<AttachResponse> answers) {
        return new AttachCall(engine, (ServerCallStreamObserver<AttachResponse>) answers);
    }
}

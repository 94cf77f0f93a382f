package dev.ctr.agent;

import dev.ctr.agent.AgentException.Reason;
import dev.ctr.lifecycle.ContainerSummary;
import dev.ctr.proto.agent.AgentGrpc;
import dev.ctr.proto.agent.ListContainersRequest;
import dev.ctr.proto.agent.PingRequest;
import dev.ctr.proto.agent.PingResponse;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Asks an agent. Every call fails with an {@link AgentException} that says in one sentence why. May be used by any thread.
 */
public final class AgentClient {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final AgentChannel channel;

    public AgentClient(AgentChannel channel) {
        this.channel = channel;
    }

    /**
     * What an agent says of itself.
     *
     * @param version ctr's version there
     * @param hostName the host's own name, which proves nothing
     * @param names what the agent's certificate calls it
     * @param caller how the agent sees the caller
     * @param roundTrip how long question and answer took, on a connection that stood
     */
    public record Ping(String version, String hostName, List<String> names, List<String> caller, Duration roundTrip) {}

    /** Asks an agent who it is; the second of two questions is timed, since the first makes the connection. */
    public Ping ping() {
        return explained(() -> {
            stub().ping(PingRequest.getDefaultInstance());
            long begin = System.nanoTime();
            PingResponse answer = stub().ping(PingRequest.getDefaultInstance());
            Duration roundTrip = Duration.ofNanos(System.nanoTime() - begin);
            return new Ping(
                    answer.getVersion(),
                    answer.getHostName(),
                    channel.agentNames(),
                    List.copyOf(answer.getCallerList()),
                    roundTrip);
        });
    }

    /** The agent's containers, oldest first. */
    public List<ContainerSummary> containers() {
        return explained(() -> {
            List<ContainerSummary> containers = new ArrayList<>();
            stub().listContainers(ListContainersRequest.getDefaultInstance())
                    .forEachRemaining(message -> containers.add(Summaries.fromMessage(message)));
            return containers;
        });
    }

    private AgentGrpc.AgentBlockingStub stub() {
        return AgentGrpc.newBlockingStub(channel.calls()).withDeadlineAfter(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private <R> R explained(Supplier<R> call) {
        try {
            return call.get();
        } catch (StatusRuntimeException e) {
            throw channel.explain(e);
        } catch (RuntimeException e) {
            throw new AgentException(
                    Reason.NOT_AN_AGENT,
                    "the answer of " + channel.address() + " makes no sense: " + e.getMessage(),
                    e);
        }
    }
}

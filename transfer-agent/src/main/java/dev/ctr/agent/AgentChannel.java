package dev.ctr.agent;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A connection to an agent, over which any number of calls may run. It is made by the first call, and made again by a call
 * after it broke. One connection carries about a gigabyte a second at best: what needs more uses several.
 *
 * <p>Calls on {@link #calls} fail with gRPC's exceptions; {@link #explain} makes sentences of them. May be used by any
 * thread.
 */
public final class AgentChannel implements AutoCloseable {
    private static final int CONNECT_MILLIS = 10_000;

    private final HostAndPort address;
    private final ManagedChannel connection;
    private final Channel calls;
    private volatile List<String> agentNames = List.of();

    private AgentChannel(HostAndPort address, ManagedChannel connection) {
        this.address = address;
        this.connection = connection;
        this.calls = ClientInterceptors.intercept(connection, new Manners());
    }

    /**
     * Prepares a connection; nothing is sent yet. The agent's certificate must be for {@code address}'s host.
     *
     * @throws AgentException with CONFIGURATION if a file of {@code identity} cannot be used
     */
    public static AgentChannel connect(HostAndPort address, Identity identity) {
        AgentLimits limits = AgentLimits.DEFAULT;
        ManagedChannel connection = NettyChannelBuilder.forAddress(address.host(), address.port())
                .sslContext(Transport.client(Credentials.read(identity)))
                .proxyDetector(any -> null)
                .disableRetry()
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .withOption(ChannelOption.TCP_NODELAY, true)
                .maxInboundMessageSize(Protocol.LARGEST_MESSAGE_BYTES)
                .maxInboundMetadataSize(Protocol.LARGEST_METADATA_BYTES)
                .flowControlWindow(Protocol.FLOW_WINDOW_BYTES)
                .keepAliveTime(limits.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(limits.keepAliveAnswer().toMillis(), TimeUnit.MILLISECONDS)
                .build();
        return new AgentChannel(address, connection);
    }

    /** Where the agent is. */
    public HostAndPort address() {
        return address;
    }

    /** What stubs are made with. */
    public Channel calls() {
        return calls;
    }

    /** The names in the agent's certificate; empty until it has answered a call. */
    List<String> agentNames() {
        return agentNames;
    }

    /** What a call's failure means, in one sentence; any other failure as it is, but with a reason. */
    public AgentException explain(Throwable failure) {
        if (failure instanceof AgentException already) {
            return already;
        }
        if (failure instanceof StatusRuntimeException status) {
            return CallFailure.explain(address, status.getStatus(), status.getTrailers(), status);
        }
        if (failure instanceof StatusException status) {
            return CallFailure.explain(address, status.getStatus(), status.getTrailers(), status);
        }
        return new AgentException(
                AgentException.Reason.FAILED, "the call to " + address + " failed: " + failure.getMessage(), failure);
    }

    /** Ends the connection and the calls on it. */
    @Override
    public void close() {
        connection.shutdownNow();
        try {
            connection.awaitTermination(Duration.ofSeconds(5).toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Says the protocol's version with every call, and notes who answers. */
    private final class Manners implements ClientInterceptor {
        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            ClientCall<Q, A> call = next.newCall(method, options);
            return new SimpleForwardingClientCall<>(call) {
                @Override
                public void start(Listener<A> answers, Metadata headers) {
                    headers.put(Protocol.VERSION_KEY, String.valueOf(Protocol.VERSION));
                    super.start(
                            new SimpleForwardingClientCallListener<>(answers) {
                                @Override
                                public void onHeaders(Metadata received) {
                                    agentNames =
                                            SubjectNames.of(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
                                    super.onHeaders(received);
                                }
                            },
                            headers);
                }
            };
        }
    }
}

package dev.ctr.agent;

import dev.ctr.agent.AgentException.Reason;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An agent that listens: gRPC over mutual TLS 1.3. The services that it is given run in threads of its own; it serves
 * grpc.health.v1 besides. What peers may take is limited by {@link AgentLimits}.
 *
 * <p>All calls may be made by any thread.
 */
public final class AgentServer implements AutoCloseable {
    private final Credentials credentials;
    private final CredentialsWatch watch;
    private final HealthStatusManager health;
    private final EventLoopGroup threads;
    private final Server server;
    private final HostAndPort address;
    private final AtomicBoolean stopping = new AtomicBoolean();

    private AgentServer(
            Credentials credentials, HealthStatusManager health, EventLoopGroup threads, Server server, String host) {
        this.credentials = credentials;
        this.health = health;
        this.threads = threads;
        this.server = server;
        this.address = new HostAndPort(host, server.getPort());
        this.watch = new CredentialsWatch(credentials);
    }

    /**
     * Starts listening.
     *
     * @throws AgentException with CONFIGURATION if a file cannot be used or nobody can listen there; nothing listens then
     */
    public static AgentServer start(AgentOptions options) {
        Credentials credentials = Credentials.read(options.identity());
        InetSocketAddress listen = options.listen().toSocketAddress();
        if (listen.isUnresolved()) {
            throw new AgentException(
                    Reason.CONFIGURATION, "cannot listen on " + options.listen() + ": the name is not known");
        }
        EventLoopGroup threads =
                new MultiThreadIoEventLoopGroup(new DefaultThreadFactory("ctr-agent", true), NioIoHandler.newFactory());
        HealthStatusManager health = new HealthStatusManager();
        try {
            Server server =
                    server(options, credentials, health, threads, listen).start();
            return new AgentServer(
                    credentials, health, threads, server, options.listen().host());
        } catch (IOException e) {
            end(threads);
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new AgentException(
                    Reason.CONFIGURATION, "cannot listen on " + options.listen() + ": " + cause.getMessage(), e);
        }
    }

    private static Server server(
            AgentOptions options,
            Credentials credentials,
            HealthStatusManager health,
            EventLoopGroup threads,
            InetSocketAddress listen) {
        AgentLimits limits = options.limits();
        ConnectionGate connections = new ConnectionGate(limits, options.metrics());
        NettyServerBuilder builder = NettyServerBuilder.forAddress(listen)
                .sslContext(Transport.server(credentials))
                .bossEventLoopGroup(threads)
                .workerEventLoopGroup(threads)
                .channelFactory(connections::listener)
                .withChildOption(ChannelOption.TCP_NODELAY, true)
                .handshakeTimeout(limits.handshake().toMillis(), TimeUnit.MILLISECONDS)
                .maxConcurrentCallsPerConnection(limits.callsPerConnection())
                .maxInboundMessageSize(Protocol.LARGEST_MESSAGE_BYTES)
                .maxInboundMetadataSize(Protocol.LARGEST_METADATA_BYTES)
                .flowControlWindow(Protocol.FLOW_WINDOW_BYTES)
                .maxRstFramesPerWindow(limits.callsPerConnection() * 4, 10)
                .maxConnectionIdle(limits.idle().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTime(limits.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(limits.keepAliveAnswer().toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveTime(5, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .intercept(new CallGate(
                        options.allowed(),
                        options.metrics()
                                .counter("ctr_agent_calls_total", "Calls, by method and result.", "method", "result")))
                .addService(health.getHealthService());
        for (BindableService service : options.services()) {
            builder.addService(service);
        }
        return builder.build();
    }

    /** Where it listens, with the port that it got. */
    public HostAndPort address() {
        return address;
    }

    /**
     * Reads certificate, key and authorities again, which also happens by itself soon after the files change. Connections
     * that exist go on.
     *
     * @throws AgentException with CONFIGURATION if the files cannot be used; what was read before stays
     */
    public void reload() {
        credentials.reload();
    }

    /** Takes no new calls, lets those that run end for as long as {@code grace}, then ends them. */
    public void stop(Duration grace) {
        if (stopping.compareAndSet(false, true)) {
            health.enterTerminalState();
            watch.close();
            server.shutdown();
        }
        try {
            server.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.shutdownNow();
        end(threads);
    }

    private static void end(EventLoopGroup threads) {
        threads.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    /** Waits until it has been stopped. */
    public void awaitStopped() throws InterruptedException {
        server.awaitTermination();
    }

    /** Stops at once. */
    @Override
    public void close() {
        stop(Duration.ZERO);
    }
}

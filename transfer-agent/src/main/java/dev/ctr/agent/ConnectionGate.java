package dev.ctr.agent;

import dev.ctr.agent.metrics.Counter;
import dev.ctr.agent.metrics.Gauge;
import dev.ctr.agent.metrics.Metrics;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Counts connections, tells why handshakes fail, and closes what is more than the limits allow. */
@SuppressWarnings("FutureReturnValueIgnored") // Netty's addListener returns the future that it was called on.
final class ConnectionGate {
    private final AgentLimits limits;
    private final Counter accepted;
    private final Counter refused;
    private final Gauge open;
    private final AtomicInteger total = new AtomicInteger();
    private final Map<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();
    private final LimitedLog log = new LimitedLog(LoggerFactory.getLogger(ConnectionGate.class));

    ConnectionGate(AgentLimits limits, Metrics metrics) {
        this.limits = limits;
        this.accepted =
                metrics.counter("ctr_agent_connections_accepted_total", "Connections whose handshake succeeded.");
        this.refused = metrics.counter(
                "ctr_agent_connections_refused_total", "Connections that carried no call, by reason.", "reason");
        this.open = metrics.gauge("ctr_agent_connections", "Connections that are open.");
    }

    /** The listening socket: each connection that it accepts goes through this gate. */
    NioServerSocketChannel listener() {
        return new NioServerSocketChannel() {
            @Override
            protected int doReadMessages(List<Object> connections) throws Exception {
                int before = connections.size();
                super.doReadMessages(connections);
                for (int index = connections.size() - 1; index >= before; index--) {
                    Channel connection = (Channel) connections.get(index);
                    if (!admit(connection)) {
                        connections.remove(index);
                    }
                }
                return connections.size() - before;
            }
        };
    }

    private boolean admit(Channel connection) {
        InetAddress address = ((InetSocketAddress) connection.remoteAddress()).getAddress();
        if (total.get() >= limits.connections()
                || byAddress.getOrDefault(address, 0) >= limits.connectionsPerAddress()) {
            refuse(connection.remoteAddress(), "limit", "there are too many connections already");
            connection.unsafe().closeForcibly();
            return false;
        }
        byAddress.merge(address, 1, Integer::sum);
        open.set(total.incrementAndGet());
        connection.closeFuture().addListener(closed -> {
            byAddress.computeIfPresent(address, (key, number) -> number == 1 ? null : number - 1);
            open.set(total.decrementAndGet());
        });
        connection.pipeline().addLast(new Watch());
        return true;
    }

    private void refuse(SocketAddress from, String reason, String sentence) {
        refused.increment(reason);
        log.warn(() -> "refused a connection from " + from + ": " + sentence);
    }

    /** Waits for a connection's first bytes, since by then the handler that shakes hands is in its place. */
    private final class Watch extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            SslHandler handler = context.pipeline().get(SslHandler.class);
            SocketAddress from = context.channel().remoteAddress();
            if (handler != null) {
                handler.handshakeFuture().addListener(done -> judge(from, handler, done.cause()));
            }
            context.fireChannelRead(bytes);
            context.pipeline().remove(this);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            refuse(context.channel().remoteAddress(), "silent", "it said nothing");
            context.fireChannelInactive();
        }
    }

    private void judge(SocketAddress from, SslHandler handler, @Nullable Throwable failure) {
        if (failure != null) {
            HandshakeFailure why = HandshakeFailure.of(failure);
            refuse(from, why.reason(), why.sentence());
        } else if (!"h2".equals(handler.applicationProtocol())) {
            refuse(from, "not-grpc", "it does not speak HTTP/2");
        } else {
            accepted.increment();
        }
    }
}

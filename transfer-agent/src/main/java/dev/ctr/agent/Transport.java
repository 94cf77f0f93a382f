package dev.ctr.agent;

import dev.ctr.agent.AgentException.Reason;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSslServerContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.SSLException;

/** Mutual TLS 1.3, the only way to an agent. No session is resumed, so that every connection is judged anew. */
final class Transport {
    private static final String TLS = "TLSv1.3";

    /** gRPC logs stacks about what a failed call's exception says as well. Held here, since loggers are collected. */
    private static final Logger GRPC_LOG = Logger.getLogger("io.grpc");

    static {
        GRPC_LOG.setLevel(Level.SEVERE);
    }

    private Transport() {}

    static SslContext server(Credentials credentials) {
        SslContext context = build(GrpcSslContexts.configure(SslContextBuilder.forServer(credentials.keyManager())
                .trustManager(new PeerTrust(credentials))
                .clientAuth(ClientAuth.REQUIRE)
                .protocols(TLS)));
        if (context instanceof OpenSslServerContext openSsl) {
            openSsl.sessionContext().setSessionCacheEnabled(false);
        }
        return context;
    }

    static SslContext client(Credentials credentials) {
        return build(GrpcSslContexts.configure(SslContextBuilder.forClient()
                .keyManager(credentials.keyManager())
                .trustManager(new PeerTrust(credentials))
                .protocols(TLS)));
    }

    private static SslContext build(SslContextBuilder builder) {
        try {
            return builder.build();
        } catch (SSLException e) {
            throw new AgentException(Reason.CONFIGURATION, "cannot set up TLS 1.3: " + e.getMessage(), e);
        }
    }
}

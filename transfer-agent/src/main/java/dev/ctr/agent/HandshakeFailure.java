package dev.ctr.agent;

import io.grpc.netty.shaded.io.netty.handler.ssl.NotSslRecordException;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.util.Locale;
import java.util.Optional;

/**
 * Why a handshake failed, as far as the exceptions of the TLS libraries (the JDK's and BoringSSL) tell.
 *
 * @param reason a word for the figures
 * @param sentence for people
 */
record HandshakeFailure(String reason, String sentence) {
    static HandshakeFailure of(Throwable failure) {
        Optional<RefusedCertificate> refused = find(failure, RefusedCertificate.class);
        if (refused.isPresent()) {
            String reason =
                    refused.get().reason().name().toLowerCase(Locale.ROOT).replace('_', '-');
            return new HandshakeFailure(reason, String.valueOf(refused.get().getMessage()));
        }
        if (find(failure, NotSslRecordException.class).isPresent()) {
            return new HandshakeFailure("garbage", "what it sent is not TLS");
        }
        if (find(failure, SslHandshakeTimeoutException.class).isPresent()) {
            return new HandshakeFailure("timeout", "its handshake took too long");
        }
        String text = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        if (text.contains("empty client certificate") || text.contains("did_not_return_a_certificate")) {
            return new HandshakeFailure("no-certificate", "it has no certificate");
        }
        if (text.contains("unsupported_protocol")
                || text.contains("protocol version")
                || text.contains("supported_versions")) {
            return new HandshakeFailure("tls-version", "it does not speak TLS 1.3");
        }
        if (text.contains("alert")) {
            return new HandshakeFailure("peer-refused", "it does not accept this agent's certificate: " + text);
        }
        return find(failure, ClosedChannelException.class).isPresent() || text.contains("closed")
                ? new HandshakeFailure("closed", "it ended before the handshake did")
                : new HandshakeFailure("handshake", "its handshake makes no sense: " + text);
    }

    /** The first of this kind among a failure and its causes. */
    static <T extends Throwable> Optional<T> find(Throwable failure, Class<T> kind) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return Optional.of(kind.cast(cause));
            }
        }
        return Optional.empty();
    }
}

package dev.ctr.agent;

import dev.ctr.agent.AgentException.Reason;
import io.grpc.Metadata;
import io.grpc.Status;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Tells from what gRPC says of a failed call what is the matter, and says it in one sentence. */
final class CallFailure {
    private CallFailure() {}

    static AgentException explain(HostAndPort address, Status status, @Nullable Metadata trailers, Throwable failure) {
        Optional<RefusedCertificate> refused = HandshakeFailure.find(failure, RefusedCertificate.class);
        if (refused.isPresent()) {
            return new AgentException(
                    refused.get().reason(),
                    "the agent at " + address + " is not trusted: "
                            + refused.get().getMessage(),
                    failure);
        }
        String sentence = String.valueOf(status.getDescription());
        return switch (status.getCode()) {
            case UNAVAILABLE -> unavailable(address, sentence, trailers, failure);
            case UNIMPLEMENTED ->
                new AgentException(
                        Reason.NOT_AN_AGENT, address + " answers, but does not know this call: " + sentence, failure);
            case DEADLINE_EXCEEDED ->
                new AgentException(Reason.TIMEOUT, "the agent at " + address + " did not answer in time", failure);
            default ->
                new AgentException(
                        named(trailers).orElse(Reason.FAILED),
                        "the agent at " + address + " says: " + sentence,
                        failure);
        };
    }

    private static AgentException unavailable(
            HostAndPort address, String sentence, @Nullable Metadata trailers, Throwable failure) {
        if (named(trailers).isPresent()) {
            return new AgentException(named(trailers).get(), "the agent at " + address + " says: " + sentence, failure);
        }
        if (HandshakeFailure.find(failure, UnknownHostException.class).isPresent()) {
            return new AgentException(
                    Reason.UNREACHABLE, "cannot reach " + address + ": the name is not known", failure);
        }
        Optional<SSLException> tls = HandshakeFailure.find(failure, SSLException.class);
        if (tls.isPresent()) {
            return handshake(address, String.valueOf(tls.get().getMessage()), failure);
        }
        String why = HandshakeFailure.find(failure, ConnectException.class)
                .map(Throwable::getMessage)
                .orElse(sentence);
        return new AgentException(Reason.UNREACHABLE, "cannot reach " + address + ": " + plain(why), failure);
    }

    /** Without the names of functions that Netty's native transport puts around the kernel's own words. */
    private static String plain(String why) {
        String lower = why.toLowerCase(Locale.ROOT);
        return Stream.of("connection refused", "timed out", "no route to host", "network is unreachable")
                .filter(lower::contains)
                .findFirst()
                .orElse(lower);
    }

    private static AgentException handshake(HostAndPort address, String text, Throwable failure) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.contains("alert") && (lower.contains("certificate") || lower.contains("unknown_ca"))) {
            return new AgentException(
                    Reason.NOT_ACCEPTED,
                    "the agent at " + address + " does not accept this certificate: it must be one of the agent's"
                            + " authority, and within its time",
                    failure);
        }
        return new AgentException(
                Reason.NOT_AN_AGENT, address + " answers, but not as an agent does: " + text, failure);
    }

    private static Optional<Reason> named(@Nullable Metadata trailers) {
        String word = trailers == null ? null : trailers.get(Failures.REASON_KEY);
        for (Reason reason : Reason.values()) {
            if (reason.name().equals(word)) {
                return Optional.of(reason);
            }
        }
        return Optional.empty();
    }
}

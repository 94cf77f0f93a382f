package dev.ctr.agent;

import dev.ctr.agent.AgentException.Reason;
import dev.ctr.agent.metrics.Counter;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthGrpc;
import java.util.Set;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every call goes through before its service: the peer must have a name, be allowed, and speak this version of the
 * protocol (a health check has no version). Counts every call by its result, and makes a service's exceptions into answers.
 */
final class CallGate implements ServerInterceptor {
    private static final Logger LOG = LoggerFactory.getLogger(CallGate.class);

    private final Set<String> allowed;
    private final Counter calls;

    CallGate(Set<String> allowed, Counter calls) {
        this.allowed = allowed;
        this.calls = calls;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> service) {
        Counted<Q, A> counted = new Counted<>(call);
        Peer peer = peer(call.getAttributes());
        try {
            check(peer, call.getMethodDescriptor().getServiceName(), headers.get(Protocol.VERSION_KEY));
        } catch (StatusRuntimeException refused) {
            LOG.warn("{} refused {}: {}", call.getMethodDescriptor().getFullMethodName(), peer, refused.getMessage());
            close(counted, refused);
            return new ServerCall.Listener<>() {};
        }
        Context context = Context.current().withValue(Peer.KEY, peer);
        return new Careful<>(counted, Contexts.interceptCall(context, counted, headers, service));
    }

    private void check(Peer peer, @Nullable String service, @Nullable String version) {
        if (peer.names().isEmpty()) {
            throw Failures.status(
                    Status.PERMISSION_DENIED,
                    "the caller's certificate has no name: issue it with --san",
                    Reason.NOT_ALLOWED.name());
        }
        if (!allowed.isEmpty() && !peer.isOneOf(allowed)) {
            throw Failures.status(
                    Status.PERMISSION_DENIED,
                    "this agent does not serve " + String.join(", ", peer.names()) + ": start it with --allow "
                            + peer.name(),
                    Reason.NOT_ALLOWED.name());
        }
        if (!HealthGrpc.SERVICE_NAME.equals(service)
                && !String.valueOf(Protocol.VERSION).equals(version)) {
            throw Failures.status(
                    Status.FAILED_PRECONDITION,
                    "this agent speaks version " + Protocol.VERSION + " of the protocol, the caller "
                            + (version == null ? "names none" : "version " + version),
                    Reason.PROTOCOL_VERSION.name());
        }
    }

    private static Peer peer(Attributes attributes) {
        SSLSession session = attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        return Peer.of(SubjectNames.of(session), attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
    }

    private static void close(ServerCall<?, ?> call, StatusRuntimeException status) {
        Metadata trailers = status.getTrailers();
        call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
    }

    /** Says the own version with the answer, and counts when it ends. */
    private final class Counted<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private volatile boolean closed;

        Counted(ServerCall<Q, A> call) {
            super(call);
        }

        @Override
        public void sendHeaders(Metadata headers) {
            headers.put(Protocol.VERSION_KEY, String.valueOf(Protocol.VERSION));
            super.sendHeaders(headers);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            closed = true;
            calls.increment(
                    getMethodDescriptor().getFullMethodName(), status.getCode().name());
            super.close(status, trailers);
        }
    }

    /** Answers with what a service throws, instead of leaving the peer without a reason; what comes after that is not read. */
    private static final class Careful<Q, A> extends SimpleForwardingServerCallListener<Q> {
        private final Counted<Q, A> call;

        Careful(Counted<Q, A> call, ServerCall.Listener<Q> listener) {
            super(listener);
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            carefully(() -> super.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            carefully(super::onHalfClose);
        }

        private void carefully(Runnable step) {
            if (call.closed) {
                return;
            }
            try {
                step.run();
            } catch (RuntimeException e) {
                StatusRuntimeException answer = Failures.toStatus(e);
                if (answer.getStatus().getCode() == Status.Code.INTERNAL) {
                    LOG.warn("{} failed", call.getMethodDescriptor().getFullMethodName(), e);
                }
                if (!call.closed) {
                    CallGate.close(call, answer);
                }
            }
        }
    }
}

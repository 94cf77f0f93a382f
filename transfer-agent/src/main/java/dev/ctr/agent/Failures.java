package dev.ctr.agent;

import dev.ctr.lifecycle.EngineException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** How failures travel: as gRPC's code, with the sentence as its description and the exact reason in the trailers. */
public final class Failures {
    /** The trailer with an {@link AgentException.Reason} or an {@link EngineException.Code}, by its name in Java. */
    static final Metadata.Key<String> REASON_KEY = Metadata.Key.of("ctr-reason", Metadata.ASCII_STRING_MARSHALLER);

    private Failures() {}

    /** What a service answers a call with that failed so. Failures of the program itself are not told to the peer. */
    public static StatusRuntimeException toStatus(Throwable failure) {
        if (failure instanceof StatusRuntimeException already) {
            return already;
        }
        if (failure instanceof EngineException engine) {
            return status(
                    code(engine.code()),
                    String.valueOf(engine.getMessage()),
                    engine.code().name());
        }
        if (failure instanceof AgentException agent) {
            return status(
                    code(agent.reason()),
                    String.valueOf(agent.getMessage()),
                    agent.reason().name());
        }
        return new StatusRuntimeException(Status.INTERNAL.withDescription("the agent failed; its log tells why"));
    }

    static StatusRuntimeException status(Status status, String sentence, String reason) {
        Metadata trailers = new Metadata();
        trailers.put(REASON_KEY, reason);
        return new StatusRuntimeException(status.withDescription(sentence), trailers);
    }

    private static Status code(EngineException.Code code) {
        return switch (code) {
            case INVALID_ARGUMENT, BAD_ARCHIVE -> Status.INVALID_ARGUMENT;
            case NO_SUCH_CONTAINER,
                    NO_SUCH_IMAGE,
                    NO_SUCH_VOLUME,
                    NO_SUCH_NETWORK,
                    NO_SUCH_EXEC_SESSION,
                    NO_SUCH_POD,
                    COMMAND_NOT_FOUND -> Status.NOT_FOUND;
            case ALREADY_EXISTS -> Status.ALREADY_EXISTS;
            case STATE_IMPROPER, IN_USE, IN_DOUBT, COMMAND_NOT_EXECUTABLE -> Status.FAILED_PRECONDITION;
            case REFUSED_BY_POLICY -> Status.PERMISSION_DENIED;
            case RUNTIME, IO -> Status.INTERNAL;
            case CANCELLED, DETACHED -> Status.CANCELLED;
        };
    }

    private static Status code(AgentException.Reason reason) {
        return switch (reason) {
            case NOT_ALLOWED -> Status.PERMISSION_DENIED;
            case PROTOCOL_VERSION -> Status.FAILED_PRECONDITION;
            case UNREACHABLE -> Status.UNAVAILABLE;
            case TIMEOUT -> Status.DEADLINE_EXCEEDED;
            default -> Status.INTERNAL;
        };
    }
}

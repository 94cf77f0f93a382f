package dev.ctr.lifecycle;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * An operation written down before it is begun, so that the next process can make good if this one is killed.
 *
 * @param kind what was begun
 * @param temporaryFile a file outside the container's directories that must go if the operation does not finish, or null
 * @param token what names the hand-over from one host to another that it is a part of, or null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PendingOperation(
        Kind kind, @Nullable String temporaryFile, @Nullable String token) {
    /** The operations that touch more than the container's own files. */
    public enum Kind {
        /** Being made in the runtime. */
        INIT,
        /** A call that changes the container's state in the runtime alone, which can tell how it went. */
        RUNTIME,
        /** A commit for which the container is paused. */
        COMMIT,
        CHECKPOINT,
        /** A level of memory is written while the container runs. */
        PRE_CHECKPOINT,
        /** A restore of a container that was here before. */
        RESTORE,
        /** A restore of a container that this very operation is adding: undoing it removes the container. */
        IMPORT,
        /** A checkpoint for another host, on which the container is to go on. */
        HAND_OVER
    }

    PendingOperation(Kind kind, @Nullable String temporaryFile) {
        this(kind, temporaryFile, null);
    }

    public static PendingOperation of(Kind kind) {
        return new PendingOperation(kind, null);
    }

    static PendingOperation handOver(String token) {
        return new PendingOperation(Kind.HAND_OVER, null, token);
    }

    /** An import whose container is held until it has the right to run. */
    static PendingOperation takeOver(String token) {
        return new PendingOperation(Kind.IMPORT, null, token);
    }
}

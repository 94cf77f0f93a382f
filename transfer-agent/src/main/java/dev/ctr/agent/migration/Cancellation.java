package dev.ctr.agent.migration;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** By which a migration can be given up while the call that carries it out lasts, as by a signal. Safe for concurrent use. */
public final class Cancellation {
    @GuardedBy("this")
    private boolean requested;

    @GuardedBy("this")
    private boolean begun;

    /** Gives the migration up, and tells whether that could still be. */
    @GuardedBy("this")
    private @Nullable BooleanSupplier cancel;

    /** What a request comes to. */
    public enum Effect {
        /** Nothing was begun, and nothing will be: there is nothing to wait for. */
        NOT_BEGUN,
        /** The container goes on where it is; the call ends when what was begun is undone. */
        GIVEN_UP,
        /** The container was given away already: the migration goes on. */
        TOO_LATE
    }

    /** Asks for it; to ask again changes nothing. */
    public synchronized Effect request() {
        requested = true;
        if (!begun) {
            return Effect.NOT_BEGUN;
        }
        return cancel == null || cancel.getAsBoolean() ? Effect.GIVEN_UP : Effect.TOO_LATE;
    }

    /**
     * From now on there is something to undo.
     *
     * @throws IOException if it was asked for before
     */
    synchronized void begin() throws IOException {
        if (requested) {
            throw new IOException(CommitGate.CANCELLED);
        }
        begun = true;
    }

    /** Says how to give it up, which is done at once if it was asked for since it began. */
    synchronized void carriedOutBy(BooleanSupplier how) {
        cancel = how;
        if (requested) {
            var unused = how.getAsBoolean();
        }
    }
}

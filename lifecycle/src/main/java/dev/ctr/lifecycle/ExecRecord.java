package dev.ctr.lifecycle;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.ctr.criu.linux.ProcessIdentity;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an exec session, saved in its directory as {@code session.json} and replaced as a whole.
 *
 * @param state how far it has come
 * @param command the program and its arguments
 * @param user as it was asked for; empty for the container's own
 * @param interactive whether standard input is connected
 * @param detachKeys as they were spelled
 * @param pid the process's number on the host; 0 before it was started and after it has ended
 * @param pidStartTicks tells the process from a later one with its number
 * @param exitCode how it ended; meaningful once it has
 * @param transientSession whether the session is forgotten as soon as its process has ended and nobody waits for it
 * @param waiterPid the process that waits for the end of a transient session and forgets it then; 0 for none
 * @param waiterStartTicks tells the waiter from a later one with its number
 */
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
@JsonIgnoreProperties(ignoreUnknown = true)
record ExecRecord(
        State state,
        List<String> command,
        String user,
        boolean terminal,
        boolean interactive,
        boolean privileged,
        String detachKeys,
        long pid,
        long pidStartTicks,
        int exitCode,
        boolean transientSession,
        long waiterPid,
        long waiterStartTicks) {

    /** The states of a session, as libpod names them. */
    enum State {
        CREATED("created"),
        /** conmon is being started; whoever finds this under the container's lock knows that the starter died. */
        STARTING("created"),
        RUNNING("running"),
        STOPPED("stopped");

        private final String word;

        State(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    static ExecRecord created(ExecOptions options, boolean transientSession, @Nullable ProcessIdentity waiter) {
        return new ExecRecord(
                State.CREATED,
                options.command,
                options.user == null ? "" : options.user,
                options.terminal,
                options.interactive,
                options.privileged,
                options.detachKeys.toString(),
                0,
                0,
                0,
                transientSession,
                waiter == null ? 0 : waiter.pid(),
                waiter == null ? 0 : waiter.startTicks());
    }

    Optional<ProcessIdentity> process() {
        return pid == 0 ? Optional.empty() : Optional.of(new ProcessIdentity(pid, pidStartTicks));
    }

    /** Whether somebody lives who will forget the session. */
    boolean isAwaited() {
        return waiterPid != 0 && new ProcessIdentity(waiterPid, waiterStartTicks).isAlive();
    }

    ExecRecord starting() {
        return with(State.STARTING, 0, 0, 0, waiterPid, waiterStartTicks);
    }

    ExecRecord running(ProcessIdentity process) {
        return with(State.RUNNING, process.pid(), process.startTicks(), 0, waiterPid, waiterStartTicks);
    }

    ExecRecord stopped(int code) {
        return with(State.STOPPED, 0, 0, code, waiterPid, waiterStartTicks);
    }

    /** The same after the one who waited has gone. */
    ExecRecord unawaited() {
        return with(state, pid, pidStartTicks, exitCode, 0, 0);
    }

    private ExecRecord with(State newState, long newPid, long ticks, int code, long waiter, long waiterTicks) {
        return new ExecRecord(
                newState,
                command,
                user,
                terminal,
                interactive,
                privileged,
                detachKeys,
                newPid,
                ticks,
                code,
                transientSession,
                waiter,
                waiterTicks);
    }
}

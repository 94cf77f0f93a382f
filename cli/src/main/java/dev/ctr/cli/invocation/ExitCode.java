package dev.ctr.cli.invocation;

import dev.ctr.lifecycle.EngineException;

/** The exit codes of {@code ctr}, which are podman's. Everything else is a container's own. */
public final class ExitCode {
    public static final int OK = 0;
    /** The object to remove does not exist. */
    public static final int NOTHING_TO_REMOVE = 1;
    /** The object to remove is in use. */
    public static final int STILL_IN_USE = 2;
    /** An error of ctr itself. */
    public static final int CTR = 125;
    /** The program in the container cannot be executed. */
    public static final int NOT_EXECUTABLE = 126;
    /** The program in the container does not exist. */
    public static final int NOT_FOUND = 127;

    private ExitCode() {}

    /** The code for a failure of any command but the removing ones. */
    public static int of(Throwable failure) {
        if (failure instanceof Failure own) {
            return own.exitCode();
        }
        if (failure instanceof EngineException engine) {
            return switch (engine.code()) {
                case COMMAND_NOT_EXECUTABLE -> NOT_EXECUTABLE;
                case COMMAND_NOT_FOUND -> NOT_FOUND;
                default -> CTR;
            };
        }
        return CTR;
    }

    /** The code for a failure of a command that removes something. */
    public static int ofRemoval(Throwable failure) {
        if (failure instanceof EngineException engine) {
            return switch (engine.code()) {
                case NO_SUCH_CONTAINER, NO_SUCH_IMAGE, NO_SUCH_VOLUME, NO_SUCH_NETWORK, NO_SUCH_POD ->
                    NOTHING_TO_REMOVE;
                case STATE_IMPROPER, IN_USE -> STILL_IN_USE;
                default -> CTR;
            };
        }
        return of(failure);
    }
}

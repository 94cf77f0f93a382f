package dev.ctr.lifecycle;

/**
 * What the engine could not do, as one sentence: what was attempted, on what, why not, and where it helps, what to do.
 * The {@link Code} is stable and meant for programs; the message is meant for people.
 */
public final class EngineException extends RuntimeException {
    private final Code code;

    /** The kinds of failure that callers tell apart. */
    public enum Code {
        /** An argument or a combination of arguments makes no sense; nothing was touched. */
        INVALID_ARGUMENT,
        NO_SUCH_CONTAINER,
        NO_SUCH_IMAGE,
        NO_SUCH_VOLUME,
        NO_SUCH_NETWORK,
        NO_SUCH_EXEC_SESSION,
        NO_SUCH_POD,
        /** The name, ID, volume or address is taken. */
        ALREADY_EXISTS,
        /** The call is not allowed in the container's present state. */
        STATE_IMPROPER,
        /** Something else still needs the object. */
        IN_USE,
        /** What came from outside asks for more than this host grants. */
        REFUSED_BY_POLICY,
        /** An archive or image is damaged or not what it claims to be. */
        BAD_ARCHIVE,
        /** The program to run inside the container cannot be executed (podman's exit code 126). */
        COMMAND_NOT_EXECUTABLE,
        /** The program to run inside the container does not exist (podman's exit code 127). */
        COMMAND_NOT_FOUND,
        /** runc, conmon, CRIU, CNI or skopeo failed. */
        RUNTIME,
        /** A file could not be read or written. */
        IO,
        CANCELLED,
        /** The container was given away to another host, and whether it runs there is not known. */
        IN_DOUBT,
        /** The detach keys were typed: the program goes on without the caller. */
        DETACHED
    }

    public EngineException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public EngineException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}

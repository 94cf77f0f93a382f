package dev.ctr.cli.invocation;

/**
 * Ends a command with a message of one sentence and an exit code: what the person asked for makes no sense, or one step
 * of it failed.
 */
public final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    /** A failure of ctr itself. */
    public Failure(String message) {
        this(ExitCode.CTR, message);
    }

    public Failure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    public Failure(int exitCode, String message, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }
}

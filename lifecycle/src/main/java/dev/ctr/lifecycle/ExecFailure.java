package dev.ctr.lifecycle;

/** What a failure to start an exec session's process means as an exit code. */
final class ExecFailure {
    private static final int NOT_EXECUTABLE = 126;
    private static final int NOT_FOUND = 127;
    private static final int OTHERWISE = 125;

    private ExecFailure() {}

    static int exitCode(Exception failure) {
        if (failure instanceof EngineException engine) {
            return switch (engine.code()) {
                case COMMAND_NOT_FOUND -> NOT_FOUND;
                case COMMAND_NOT_EXECUTABLE -> NOT_EXECUTABLE;
                default -> OTHERWISE;
            };
        }
        return OTHERWISE;
    }
}

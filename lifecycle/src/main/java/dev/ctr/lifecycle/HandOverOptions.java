package dev.ctr.lifecycle;

/**
 * How to hand a container over to another host.
 *
 * @param token what names this hand-over, such as a migration's ID and epoch; kept with the container while it is in doubt
 * @param checkpoint how it is dumped and what goes into the archive. Where the archive goes is the {@link HandOver}'s to say; the
 *     tasks are never left running, and of a chain only the last level is written unless something else is asked for
 * @param remove whether the container is removed here once it runs there; otherwise it stays, as one that has ended
 */
public record HandOverOptions(String token, CheckpointOptions checkpoint, boolean remove) {
    private static final int LONGEST_TOKEN = 256;

    public HandOverOptions {
        requireToken(token);
        if (checkpoint.leaveRunning || checkpoint.preCheckpoint || checkpoint.exports()) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "a container that is handed over is not left running, and its archive goes to the other host only");
        }
    }

    /** Refuses a token that is empty, or longer than 256 characters. */
    static void requireToken(String token) {
        if (token.isEmpty() || token.length() > LONGEST_TOKEN) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "a hand-over is named by 1 to " + LONGEST_TOKEN + " characters, not by " + token.length());
        }
    }
}

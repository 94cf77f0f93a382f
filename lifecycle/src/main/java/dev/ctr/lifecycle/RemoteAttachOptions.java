package dev.ctr.lifecycle;

/**
 * What a client elsewhere wants of a container's output, as libpod's HTTPAttach takes it.
 *
 * @param logs what the container has written so far, from its log
 * @param stream what it writes from now on, and its input
 */
public record RemoteAttachOptions(boolean logs, boolean stream) {
    /** From now on, without the log. */
    public static final RemoteAttachOptions STREAM = new RemoteAttachOptions(false, true);

    /** Everything, the past first. */
    public static final RemoteAttachOptions LOGS_AND_STREAM = new RemoteAttachOptions(true, true);

    public RemoteAttachOptions {
        if (!logs && !stream) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT, "must specify at least one of stream or logs");
        }
    }
}

package dev.ctr.lifecycle;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The exec sessions of a container that is being checkpointed. Their processes are no descendants of the container's first
 * one, so CRIU does not dump them: it stops them with the others, and lets them go on if the dump fails or is to leave the
 * container running. When it ends the first process, the kernel ends them with the PID namespace, and not before.
 */
final class CheckpointSessions {
    private final LockedContainer container;

    CheckpointSessions(LockedContainer container) {
        this.container = container;
    }

    /**
     * Refuses a checkpoint that would end sessions unless they may be dropped.
     *
     * @return what is to be said of the sessions that the checkpoint does not hold
     */
    Optional<String> check(CheckpointOptions options) throws IOException {
        List<String> running = ExecSession.running(container.paths());
        if (running.isEmpty()) {
            return Optional.empty();
        }
        String name = container.config().name();
        String sessions = running.size() == 1 ? "1 exec session" : running.size() + " exec sessions";
        if (options.leaveRunning) {
            return Optional.of("not in this checkpoint of " + name + ": " + sessions + ", left running");
        }
        if (options.dropExecSessions) {
            return Optional.of("not in this checkpoint of " + name + ": " + sessions + ", ended with it");
        }
        throw new EngineException(
                EngineException.Code.IN_USE,
                "cannot checkpoint " + name + ": " + sessions
                        + " running in it would be lost: end what runs there first, or give --drop-exec-sessions");
    }

    /** Makes known that the sessions have ended with the container. */
    void recordEnds() throws IOException, InterruptedException {
        for (ExecSession session : ExecSession.all(container.paths())) {
            session.repair().ifPresent(container::recordExecDeath);
        }
    }
}

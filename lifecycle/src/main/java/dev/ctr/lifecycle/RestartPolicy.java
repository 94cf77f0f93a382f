package dev.ctr.lifecycle;

/** Whether a container that has ended is to be started again. */
final class RestartPolicy {
    private RestartPolicy() {}

    static boolean shouldRestart(ContainerConfig config, ContainerState state) {
        if (state.stoppedByUser() || state.wasAskedToStop() || state.checkpointed()) {
            return false;
        }
        return switch (config.restartPolicy()) {
            case "always", "unless-stopped" -> true;
            case "on-failure" ->
                state.exitCode() != 0
                        && (config.restartRetries() == 0 || state.restartCount() < config.restartRetries());
            default -> false;
        };
    }

    static boolean shouldStartOnBoot(ContainerConfig config, ContainerState state) {
        boolean everRan = state.startedAt().isPresent();
        return everRan
                && switch (config.restartPolicy()) {
                    case "always" -> true;
                    case "unless-stopped" -> !state.stoppedByUser();
                    default -> false;
                };
    }
}

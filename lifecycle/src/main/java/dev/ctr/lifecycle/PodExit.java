package dev.ctr.lifecycle;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Ends a pod's infra container after the last other member, where the pod's exit policy says so. */
final class PodExit {
    private PodExit() {}

    /** Looks at the pod of a container that has ended. No lock may be held. */
    static void apply(EngineContext engine, ContainerId ended) throws IOException {
        try {
            ContainerConfig config = engine.store().readConfiguration(ended);
            if (config.pod().isEmpty() || config.isInfra()) {
                return;
            }
            PodConfig pod = engine.pods().read(config.pod().get());
            if (pod.exitPolicy().equals("stop") && pod.infra().isPresent() && allEnded(engine, pod)) {
                new Container(engine, pod.infra().get()).stop(Optional.empty());
            }
        } catch (EngineException e) {
            boolean removed = switch (e.code()) {
                case NO_SUCH_CONTAINER, NO_SUCH_POD -> true;
                default -> false;
            };
            if (!removed) {
                throw e;
            }
        }
    }

    private static boolean allEnded(EngineContext engine, PodConfig pod) throws IOException {
        Map<ContainerConfig, ContainerStatus> statuses = new PodMembers(engine, pod.id()).statuses();
        return statuses.entrySet().stream()
                .filter(member -> !member.getKey().isInfra())
                .allMatch(member -> switch (member.getValue()) {
                    case STOPPED, EXITED, REMOVING -> true;
                    default -> false;
                });
    }
}

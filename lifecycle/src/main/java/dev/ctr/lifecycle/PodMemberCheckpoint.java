package dev.ctr.lifecycle;

import dev.ctr.criu.CriuConfigurationFile;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/** What is different about the checkpoint of a container that has namespaces in common with others. */
final class PodMemberCheckpoint {
    private PodMemberCheckpoint() {}

    /**
     * Refuses the checkpoint of what others rest on, and the export of what rests on others than its pod.
     *
     * @return what is to be said besides, if anything
     */
    static Optional<String> check(LockedContainer container, CheckpointOptions options) throws IOException {
        ContainerConfig config = container.config();
        if (config.isInfra()) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "cannot checkpoint " + config.name()
                            + ": it holds the namespaces of its pod for the other members; checkpoint those");
        }
        requireRestorable(config);
        if (options.exports() && !isOfPodAlone(container.engine(), config)) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT, "cannot export checkpoints of containers with dependencies");
        }
        return locksTheNetworkOfOthers(config, options)
                ? Optional.of("the network that " + config.name()
                        + " shares is blocked, so that its connections last, until it"
                        + " is restored, or until the container that has the network is restarted")
                : Optional.empty();
    }

    /**
     * Refuses a container that shares what no checkpoint can be restored into: runc hands CRIU no cgroup namespace to join, but
     * fails with "Do not know how to handle namespace NEWCGROUP" (libcontainer/criu_linux.go, handleRestoringNamespaces).
     */
    static void requireRestorable(ContainerConfig config) {
        if (config.sharedKinds().contains(NamespaceKind.CGROUP)) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "cannot checkpoint or restore " + config.name()
                            + ": it shares another container's cgroup namespace, which the OCI runtime cannot restore into");
        }
    }

    private static boolean isOfPodAlone(EngineContext engine, ContainerConfig config) throws IOException {
        Set<ContainerId> dependencies = config.dependencies();
        if (dependencies.isEmpty()) {
            return true;
        }
        Optional<PodId> pod = config.pod();
        Optional<ContainerId> infra =
                pod.isPresent() ? engine.pods().read(pod.get()).infra() : Optional.empty();
        return !config.requiresOthers() && infra.isPresent() && dependencies.equals(Set.of(infra.get()));
    }

    private static boolean sharesNetwork(ContainerConfig config) {
        return config.sharedNamespace(NamespaceKind.NET).isPresent();
    }

    private static boolean locksTheNetworkOfOthers(ContainerConfig config, CheckpointOptions options) {
        return sharesNetwork(config) && options.tcpEstablished && !options.tcpClose && !options.leaveRunning;
    }

    /**
     * Lets others keep their network. CRIU blocks all packets of the network namespace from the dump to the restore, so that the
     * dumped connections do not notice; where there are none to keep, that would only cut off the other members of the pod.
     */
    static CriuConfigurationFile configure(
            CriuConfigurationFile file, LockedContainer container, CheckpointOptions options) {
        return sharesNetwork(container.config()) && !options.tcpEstablished ? file.with("network-lock", "skip") : file;
    }
}

package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a container that is imported belongs: a member of a pod goes into a pod of this host, which must share what the old one
 * shared; any other container goes into none. What the archive says of namespaces of the other host is dropped, and never taken
 * for a namespace of this one.
 */
final class PodPlacement {
    /** libpod's words in its refusals. */
    private static final Map<NamespaceKind, String> WORDS = Map.of(
            NamespaceKind.IPC, "IPC",
            NamespaceKind.NET, "network",
            NamespaceKind.PID, "PID",
            NamespaceKind.UTS, "UTS",
            NamespaceKind.USER, "user",
            NamespaceKind.MOUNT, "mount",
            NamespaceKind.CGROUP, "cgroup");

    /** By which CRI-O and podman find the pod of a container. */
    private static final String SANDBOX = "io.kubernetes.cri-o.SandboxID";

    private final @Nullable PodConfig pod;
    private final Set<NamespaceKind> shared;
    private final Optional<ContainerConfig> infra;

    private PodPlacement(@Nullable PodConfig pod, Set<NamespaceKind> shared, Optional<ContainerConfig> infra) {
        this.pod = pod;
        this.shared = shared;
        this.infra = infra;
    }

    /**
     * Finds the place.
     *
     * @param foreign the container as the archive describes it
     * @param podName the pod to put it into, if one was named
     * @throws EngineException INVALID_ARGUMENT in podman's words if it does not fit; NO_SUCH_POD
     */
    static PodPlacement of(EngineContext engine, ContainerConfig foreign, @Nullable String podName) throws IOException {
        boolean isMember = foreign.isInPod();
        if (isMember && podName == null) {
            throw refused("cannot restore pod container without --pod");
        }
        if (!isMember && podName != null) {
            throw refused("cannot restore non pod container into pod");
        }
        Set<NamespaceKind> shared = foreign.sharedKinds();
        if (foreign.requiresOthers() || (!isMember && !shared.isEmpty())) {
            throw refused("cannot import checkpoints of containers with dependencies");
        }
        if (podName == null) {
            return new PodPlacement(null, shared, Optional.empty());
        }
        PodConfig pod = engine.pods().require(podName);
        for (NamespaceKind kind : shared) {
            if (!pod.shared().contains(kind)) {
                throw refused("pod " + pod.id() + " does not share the " + WORDS.get(kind) + " namespace");
            }
        }
        PodMemberCheckpoint.requireRestorable(foreign);
        Optional<ContainerId> infra = pod.infra();
        return new PodPlacement(
                pod,
                shared,
                infra.isPresent() ? Optional.of(engine.store().readConfiguration(infra.get())) : Optional.empty());
    }

    /** Takes out of a specification where the namespaces of the pod were on the other host. */
    ObjectNode withoutSharedNamespaces(ObjectNode spec) {
        ObjectNode own = spec.deepCopy();
        ArrayNode namespaces = own.withObjectProperty("linux").withArrayProperty("namespaces");
        for (Iterator<JsonNode> each = namespaces.iterator(); each.hasNext(); ) {
            String type = each.next().path("type").asText();
            if (shared.stream().anyMatch(kind -> kind.specType().equals(type))) {
                each.remove();
            }
        }
        // As of a new member: the paths are found when they are needed.
        shared.forEach(kind -> namespaces.addObject().put("type", kind.specType()));
        return own;
    }

    /** Makes the configuration that of a member of the pod. */
    void putInto(ObjectNode config, EngineOptions options) {
        String oldPod = config.path("pod").asText();
        config.remove(List.of("pod", "Dependencies"));
        for (NamespaceKind kind : NamespaceKind.values()) {
            config.remove(kind.configKey());
        }
        config.put("cgroupParent", options.cgroupParent());
        if (pod == null) {
            return;
        }
        String id = pod.id().hex();
        config.put("pod", id);
        infra.ifPresent(container -> shared.forEach(
                kind -> config.put(kind.configKey(), container.id().hex())));
        config.put("cgroupParent", pod.cgroup().orElse(options.cgroupParent()));
        if (shared.contains(NamespaceKind.NET)) {
            config.remove(List.of("newNetworks", "orderedNetworks", "newPortMappings", "staticIP", "staticMAC"));
        }
        if (config.path("CreateCommand") instanceof ArrayNode words) {
            for (int i = 0; i < words.size(); i++) {
                if (words.get(i).asText().equals(oldPod)) {
                    words.set(i, id);
                }
            }
        }
        ObjectNode spec = config.withObjectProperty("spec");
        if (spec.path("annotations") instanceof ObjectNode annotations && annotations.has(SANDBOX)) {
            annotations.put(SANDBOX, id);
        }
        if (shared.contains(NamespaceKind.UTS)) {
            infra.ifPresent(container -> spec.put("hostname", container.hostname()));
        }
    }

    private static EngineException refused(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }
}

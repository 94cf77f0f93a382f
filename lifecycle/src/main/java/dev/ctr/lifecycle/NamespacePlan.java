package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.NamespaceMode.Source;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where each namespace of a new container comes from, and which containers it needs: what was asked for, with names looked
 * up, and what its pod shares where nothing was said.
 */
final class NamespacePlan {
    private final Map<NamespaceKind, NamespaceMode> modes = new EnumMap<>(NamespaceKind.class);
    private final EngineContext engine;
    private final CreateOptions asked;
    private final Optional<PodConfig> pod;
    private final List<ContainerId> required = new ArrayList<>();

    private NamespacePlan(EngineContext engine, CreateOptions asked, Optional<PodConfig> pod) {
        this.engine = engine;
        this.asked = asked;
        this.pod = pod;
    }

    /** @throws EngineException INVALID_ARGUMENT, NO_SUCH_CONTAINER or NO_SUCH_POD */
    static NamespacePlan of(EngineContext engine, CreateOptions asked) throws IOException {
        NamespacePlan plan = new NamespacePlan(engine, asked, pod(engine, asked));
        for (NamespaceKind kind : NamespaceKind.values()) {
            plan.modes.put(kind, plan.resolve(kind));
        }
        for (String name : asked.requires) {
            plan.required.add(plan.requireDependency(name));
        }
        plan.check();
        return plan;
    }

    private static Optional<PodConfig> pod(EngineContext engine, CreateOptions asked) throws IOException {
        if (asked.infraOf != null) {
            return Optional.of(asked.infraOf);
        }
        return asked.pod == null ? Optional.empty() : Optional.of(engine.pods().require(asked.pod));
    }

    private NamespaceMode resolve(NamespaceKind kind) throws IOException {
        NamespaceMode mode = said(kind);
        if (mode.source() == Source.POD && shared(kind).isEmpty()) {
            throw invalid("cannot join the pod's " + kind.word() + " namespace: "
                    + (pod.isEmpty() ? "no pod was given, use --pod" : "the pod does not share it"));
        }
        if (mode.source() == Source.UNSAID || mode.source() == Source.POD) {
            return shared(kind).orElseGet(() -> usual(kind));
        }
        if (mode.source() == Source.CONTAINER) {
            return NamespaceMode.container(lookUp(kind, mode.target()));
        }
        if (kind == NamespaceKind.USER && mode.isOwn()) {
            throw invalid("a user namespace of its own is not supported: containers run with the host's user IDs;"
                    + " use --userns host, container:NAME or ns:PATH");
        }
        return mode;
    }

    private NamespaceMode said(NamespaceKind kind) {
        if (kind != NamespaceKind.NET) {
            return NamespaceMode.parse(kind, asked.namespaces.getOrDefault(kind, ""));
        }
        boolean elsewhere = asked.network.equals("host")
                || asked.network.equals("pod")
                || asked.network.startsWith("container:")
                || asked.network.startsWith("ns:");
        if (elsewhere) {
            return NamespaceMode.parse(kind, asked.network);
        }
        return NamespaceMode.of(asked.networkSaid ? Source.OWN : Source.UNSAID);
    }

    /** The pod's namespace, if the container is to join one that shares it. */
    private Optional<NamespaceMode> shared(NamespaceKind kind) {
        return asked.infraOf != null
                ? Optional.empty()
                : pod.filter(found -> found.shared().contains(kind))
                        .flatMap(PodConfig::infra)
                        .map(NamespaceMode::container);
    }

    private static NamespaceMode usual(NamespaceKind kind) {
        return switch (kind) {
            case USER -> NamespaceMode.of(Source.HOST);
            case CGROUP -> NamespaceMode.of(Source.UNSAID);
            case IPC -> NamespaceMode.of(Source.SHAREABLE);
            case NET, PID, UTS, MOUNT -> NamespaceMode.of(Source.OWN);
        };
    }

    private ContainerId lookUp(NamespaceKind kind, String name) throws IOException {
        ContainerId id = engine.store()
                .find(name)
                .orElseThrow(() -> new EngineException(
                        EngineException.Code.NO_SUCH_CONTAINER,
                        "looking up container to share " + kind.word() + " namespace with: "
                                + ContainerStore.noSuchContainer(name).getMessage()));
        if (kind == NamespaceKind.IPC && !engine.store().readConfiguration(id).sharesShm()) {
            throw invalid("joining IPC of container " + id
                    + " is not allowed: non-shareable IPC (hint: use IpcMode:shareable for the donor container)");
        }
        if (kind == NamespaceKind.MOUNT) {
            throw invalid(
                    "the mount namespace of container " + id
                            + " cannot be joined: the OCI runtime would lay the new root file system over that container's own");
        }
        return id;
    }

    private ContainerId requireDependency(String name) throws IOException {
        return engine.store()
                .find(name)
                .orElseThrow(() -> new EngineException(
                        EngineException.Code.NO_SUCH_CONTAINER,
                        "\"" + name + "\" is not a valid container, cannot be used as a dependency: "
                                + ContainerStore.noSuchContainer(name).getMessage()));
    }

    /** Refuses what belongs to a namespace that is another's. */
    private void check() {
        NamespaceMode uts = mode(NamespaceKind.UTS);
        if (asked.hostname != null && uts.source() == Source.HOST) {
            throw misconfigured("cannot set hostname when running in the host UTS namespace: invalid configuration");
        }
        if (asked.hostname != null && isOfPod(NamespaceKind.UTS)) {
            throw misconfigured("cannot set hostname when joining the pod UTS namespace: invalid configuration");
        }
        if (isOfPod(NamespaceKind.NET)) {
            checkPodNetwork();
        } else if (mode(NamespaceKind.NET).source() == Source.CONTAINER) {
            checkContainerNetwork();
        }
    }

    private void checkPodNetwork() {
        String reason =
                " must be defined when the pod is created: network cannot be configured when it is shared with a pod";
        if (!asked.ports.isEmpty()) {
            throw misconfigured("published or exposed ports" + reason);
        }
        if (asked.ip != null || asked.macAddress != null) {
            throw misconfigured("networks" + reason);
        }
        if (hasDns() || !asked.addedHosts.isEmpty()) {
            throw misconfigured("name servers and host entries" + reason);
        }
    }

    private void checkContainerNetwork() {
        if (hasDns()) {
            throw invalid("conflicting options: dns and the network mode: container");
        }
        if (!asked.addedHosts.isEmpty()) {
            throw misconfigured(
                    "cannot set extra host entries when the container is joined to another containers network namespace:"
                            + " invalid configuration");
        }
    }

    private boolean hasDns() {
        return !asked.dnsServers.isEmpty() || !asked.dnsSearches.isEmpty() || !asked.dnsOptions.isEmpty();
    }

    private boolean isOfPod(NamespaceKind kind) {
        return shared(kind).filter(mode(kind)::equals).isPresent();
    }

    NamespaceMode mode(NamespaceKind kind) {
        return modes.getOrDefault(kind, NamespaceMode.of(Source.UNSAID));
    }

    /** Whether the engine makes a network namespace for it. */
    boolean ownsNetwork() {
        return mode(NamespaceKind.NET).isOwn();
    }

    /** The hostname of the UTS namespace that it is to be in, where that is another container's. */
    Optional<String> joinedHostname() throws IOException {
        NamespaceMode uts = mode(NamespaceKind.UTS);
        return uts.source() == Source.CONTAINER
                ? Optional.of(engine.store()
                        .readConfiguration(new ContainerId(uts.target()))
                        .hostname())
                : Optional.empty();
    }

    /** The cgroup below which the container gets its own; empty for the engine's usual one. */
    Optional<String> cgroupParent() {
        return pod.flatMap(PodConfig::cgroup);
    }

    /** Adds libpod's keys to a new configuration. */
    void putInto(ObjectNode config) {
        modes.forEach((kind, mode) -> {
            if (mode.source() == Source.CONTAINER) {
                config.put(kind.configKey(), mode.target());
            }
        });
        config.set(
                "Dependencies",
                Json.array(required.stream().map(ContainerId::hex).toList()));
        Source ipc = mode(NamespaceKind.IPC).source();
        config.put("noShm", ipc == Source.NONE);
        config.put("noShmShare", ipc == Source.OWN);
        if (mode(NamespaceKind.CGROUP).source() == Source.HOST) {
            config.put(ContainerConfig.HOST_CGROUP_NAMESPACE, true);
        }
        pod.ifPresent(found -> config.put("pod", found.id().hex()));
        config.put("pause", asked.infraOf != null);
    }

    /** The namespaces of the specification as it is stored: without the paths of those that other containers have. */
    void putInto(ArrayNode namespaces) {
        modes.forEach((kind, mode) -> {
            switch (mode.source()) {
                case OWN, SHAREABLE, NONE, CONTAINER -> namespaces.addObject().put("type", kind.specType());
                case PATH -> namespaces.addObject().put("type", kind.specType()).put("path", mode.target());
                case HOST, UNSAID, POD -> {}
            }
        });
    }

    private static EngineException misconfigured(String message) {
        return invalid("invalid config provided: " + message);
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }
}

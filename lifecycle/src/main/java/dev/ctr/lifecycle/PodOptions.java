package dev.ctr.lifecycle;

import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a new pod is to be: a mutable builder for {@link Engine#createPod}. */
public final class PodOptions {
    /** What is shared where nothing else is said, as in podman. */
    public static final Set<NamespaceKind> DEFAULT_SHARED =
            Collections.unmodifiableSet(EnumSet.of(NamespaceKind.IPC, NamespaceKind.NET, NamespaceKind.UTS));

    private static final List<String> EXIT_POLICIES = List.of("continue", "stop");

    @Nullable
    String name;

    @Nullable
    String infraName;

    private @Nullable Set<NamespaceKind> share;
    private boolean infra = true;
    final Map<String, String> labels = new LinkedHashMap<>();

    @Nullable
    String cgroupParent;

    boolean shareParent = true;
    String exitPolicy = "continue";
    List<String> createCommand = List.of();
    private final CreateOptions infraContainer = CreateOptions.fromImage(PauseImage.NAME);

    public PodOptions name(String value) {
        name = value;
        return this;
    }

    /** Which namespaces the members share; none makes a pod without an infra container. */
    public PodOptions share(Set<NamespaceKind> value) {
        share = Set.copyOf(value);
        return this;
    }

    /** Whether an infra container holds the shared namespaces; without one nothing is shared. */
    public PodOptions infra(boolean value) {
        infra = value;
        return this;
    }

    /** The infra container's name, in place of one that is made of the pod's ID. */
    public PodOptions infraName(String value) {
        infraName = value;
        return this;
    }

    /**
     * What the infra container is asked for, and with it the pod: hostname, network, addresses, published ports, name servers,
     * hosts, the size of /dev/shm, and the namespaces that it does not get of its own.
     */
    public CreateOptions infraContainer() {
        return infraContainer;
    }

    public PodOptions label(String key, String value) {
        labels.put(key, value);
        return this;
    }

    /** The cgroup below which the pod has its own. */
    public PodOptions cgroupParent(String value) {
        cgroupParent = value;
        return this;
    }

    /** Whether the members' cgroups are below the pod's. */
    public PodOptions shareParent(boolean value) {
        shareParent = value;
        return this;
    }

    /** {@code continue}, or {@code stop} to end the infra container after the last member. */
    public PodOptions exitPolicy(String value) {
        exitPolicy = value;
        return this;
    }

    /** The command line that asked for the pod, kept for {@code inspect}. */
    public PodOptions createCommand(List<String> value) {
        createCommand = List.copyOf(value);
        return this;
    }

    Set<NamespaceKind> shared() {
        if (!infra) {
            return Set.of();
        }
        return share == null ? DEFAULT_SHARED : share;
    }

    boolean hasInfra() {
        return !shared().isEmpty();
    }

    String hostname() {
        return infraContainer.hostname == null ? "" : infraContainer.hostname;
    }

    /** @throws EngineException INVALID_ARGUMENT in podman's words */
    void check() {
        if (!infra && share != null && !share.isEmpty()) {
            String kinds = String.join(
                    ",", share.stream().map(NamespaceKind::word).sorted().toList());
            throw invalid("cannot set share(" + kinds + ") namespaces without an infra container");
        }
        if (!infra && !infraContainer.ports.isEmpty()) {
            throw invalid("you must have an infra container to publish port bindings to the host");
        }
        if (shared().contains(NamespaceKind.CGROUP) && shareParent) {
            throw invalid("cannot define the pod as the cgroup parent at the same time as joining the infra container's"
                    + " cgroupNS: invalid argument");
        }
        if (shared().contains(NamespaceKind.MOUNT) || shared().contains(NamespaceKind.USER)) {
            throw invalid("a pod shares cgroup, ipc, net, pid and uts namespaces only");
        }
        if (!EXIT_POLICIES.contains(exitPolicy)) {
            throw invalid("running pod create option: invalid pod exit policy: \"" + exitPolicy + "\"");
        }
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }
}

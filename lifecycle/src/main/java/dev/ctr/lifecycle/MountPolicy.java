package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.image.DumpedMount;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which mounts a container that comes from elsewhere is granted. */
final class MountPolicy {
    private static final Set<String> FILE_SYSTEMS =
            Set.of("proc", "tmpfs", "devpts", "mqueue", "sysfs", "cgroup", "cgroup2", "bind");

    /** Where alone the kernel's own file systems may be: elsewhere nothing of them would be masked. */
    private static final Map<String, String> KERNEL_PLACES =
            Map.of("proc", "/proc", "sysfs", "/sys", "cgroup", "/sys/fs/cgroup", "cgroup2", "/sys/fs/cgroup");

    /** With one of them the runtime binds the source, whatever the type says. */
    private static final Set<String> BINDING = Set.of("bind", "rbind");

    private static final Set<String> PROPAGATING = Set.of("shared", "rshared");

    private final RestorePolicy policy;
    private final HostPaths hostPaths;

    MountPolicy(RestorePolicy policy, HostPaths hostPaths) {
        this.policy = policy;
        this.hostPaths = hostPaths;
    }

    /**
     * Leaves of a specification's mounts those that this host does not make anew, as it accepts them.
     *
     * @param volumes destinations at which volumes will be mounted: what the archive mounts there does not matter
     * @param ownCgroups whether the container has a cgroup namespace of its own
     * @throws EngineException with REFUSED_BY_POLICY
     */
    void accept(ArrayNode mounts, Set<String> volumes, boolean ownCgroups) throws IOException {
        for (int i = mounts.size() - 1; i >= 0; i--) {
            JsonNode mount = mounts.get(i);
            String destination = mount.path("destination").asText();
            if (BundleSpec.isGenerated(destination) || volumes.contains(destination)) {
                mounts.remove(i);
            } else {
                accept((ObjectNode) mount, destination, ownCgroups);
            }
        }
    }

    private void accept(ObjectNode mount, String destination, boolean ownCgroups) throws IOException {
        List<String> options = Json.strings(mount.path("options"));
        String type = mount.path("type").asText();
        HostPaths.path(destination);
        if (type.equals("bind") || options.stream().anyMatch(BINDING::contains)) {
            hostPaths.acceptBind(mount.path("source").asText(), destination);
            mount.put("type", "bind");
        } else {
            acceptFileSystem(type, destination, options, ownCgroups);
        }
        if (options.stream().anyMatch(PROPAGATING::contains) && !policy.is(RestorePolicy.MOUNT_PROPAGATION)) {
            throw RestorePolicy.refused(
                    "shares what it mounts below " + destination + " with the host",
                    RestorePolicy.MOUNT_PROPAGATION + " = \"true\"");
        }
        mount.remove(List.of("uidMappings", "gidMappings"));
        mount.set("options", Json.array(VolumeOptions.forRuntime(options)));
    }

    /**
     * Accepts a mount that CRIU is to make anew. Parts of the kernel's own file systems may be mounted over others of the same.
     *
     * @throws EngineException with REFUSED_BY_POLICY
     */
    void acceptDumped(DumpedMount mount, boolean ownCgroups) {
        String place = KERNEL_PLACES.getOrDefault(mount.type(), mount.mountPoint());
        String destination = mount.mountPoint().startsWith(place + "/") ? place : mount.mountPoint();
        acceptFileSystem(mount.type(), destination, mount.readOnly() ? List.of("ro") : List.of(), ownCgroups);
    }

    private void acceptFileSystem(String type, String destination, List<String> options, boolean ownCgroups) {
        if (!FILE_SYSTEMS.contains(type) && !policy.lists(RestorePolicy.FILE_SYSTEMS, type)) {
            throw RestorePolicy.refused(
                    "mounts a file system of type \"" + type + "\" at " + destination,
                    RestorePolicy.FILE_SYSTEMS + " naming it");
        }
        if (!KERNEL_PLACES.getOrDefault(type, destination).equals(destination)) {
            throw RestorePolicy.refused(
                    "mounts " + type + " at " + destination + ", where nothing of the host is hidden");
        }
        boolean isHosts = type.equals("sysfs") || (type.startsWith("cgroup") && !ownCgroups);
        if (isHosts && !options.contains("ro") && !policy.is(RestorePolicy.WRITABLE_KERNEL_MOUNTS)) {
            throw RestorePolicy.refused(
                    "may write to " + destination + " (it was privileged)",
                    RestorePolicy.WRITABLE_KERNEL_MOUNTS + " = \"true\"");
        }
    }
}

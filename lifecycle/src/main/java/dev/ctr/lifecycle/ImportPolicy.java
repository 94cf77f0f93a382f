package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a checkpoint archive may ask of this host. An archive comes from outside: it describes a container, and this policy
 * decides which of its wishes the host grants. What a description of a container has no business to say (hooks, namespaces
 * of the host, CRIU's configuration) is refused or left out; host directories that belong to the system are not lent.
 */
final class ImportPolicy {
    private static final Set<String> FILE_SYSTEMS =
            Set.of("proc", "tmpfs", "devpts", "mqueue", "sysfs", "cgroup", "cgroup2", "bind");
    private static final List<String> SYSTEM_DIRECTORIES = List.of(
            "/bin",
            "/boot",
            "/dev",
            "/etc",
            "/lib",
            "/lib32",
            "/lib64",
            "/libx32",
            "/proc",
            "/root",
            "/run",
            "/sbin",
            "/sys",
            "/usr",
            "/var/lib",
            "/var/run");
    /** Where alone the kernel's own file systems may be: elsewhere nothing of them would be masked. */
    private static final Map<String, String> KERNEL_PLACES =
            Map.of("proc", "/proc", "sysfs", "/sys", "cgroup", "/sys/fs/cgroup", "cgroup2", "/sys/fs/cgroup");

    private static final String MEMORY = "/proc/kcore";
    private static final List<String> KERNEL_CONTROLS = List.of("/proc/sys", "/proc/sysrq-trigger");
    private static final Set<String> OWN_NAMESPACES = Set.of("pid", "network", "ipc", "uts", "mount", "cgroup", "time");
    private static final Set<String> ANNOTATIONS_OF_THE_HOST = Set.of(BundleSpec.CRIU_CONFIGURATION);

    private final Path root;

    ImportPolicy(EngineOptions options) {
        root = options.root();
    }

    /**
     * The specification as this host accepts it.
     *
     * @param volumes destinations at which named volumes will be mounted: what the archive mounts there does not matter
     * @throws EngineException with REFUSED_BY_POLICY, naming what is refused
     */
    ObjectNode accept(ObjectNode foreign, Set<String> volumes) throws IOException {
        ObjectNode spec = foreign.deepCopy();
        if (!spec.path("hooks").isEmpty()) {
            throw refused("runs hooks on the host");
        }
        spec.remove("hooks");
        spec.withObjectProperty("annotations").remove(ANNOTATIONS_OF_THE_HOST);
        spec.withObjectProperty("root").put("path", "rootfs");
        ObjectNode linux = spec.withObjectProperty("linux");
        boolean ownCgroups = false;
        for (JsonNode namespace : linux.path("namespaces")) {
            ownCgroups |= namespace.path("type").asText().equals("cgroup");
        }
        acceptMounts(spec.withArrayProperty("mounts"), volumes, ownCgroups);
        acceptPaths(linux);
        linux.remove(List.of("cgroupsPath", "intelRdt", "rootfsPropagation"));
        acceptNamespaces(linux.withArrayProperty("namespaces"));
        acceptDevices(linux);
        acceptProcess(spec.withObjectProperty("process"));
        return spec;
    }

    private void acceptMounts(ArrayNode mounts, Set<String> volumes, boolean ownCgroups) throws IOException {
        for (int i = mounts.size() - 1; i >= 0; i--) {
            JsonNode mount = mounts.get(i);
            String destination = mount.path("destination").asText();
            if (BundleSpec.isGenerated(destination) || volumes.contains(destination)) {
                mounts.remove(i);
            } else {
                acceptMount((ObjectNode) mount, destination, ownCgroups);
            }
        }
    }

    private void acceptMount(ObjectNode mount, String destination, boolean ownCgroups) throws IOException {
        String type = mount.path("type").asText();
        if (!FILE_SYSTEMS.contains(type)) {
            throw refused("mounts a file system of type \"" + type + "\" at " + destination);
        }
        if (type.equals("bind")) {
            acceptBind(Path.of(mount.path("source").asText()), destination);
        }
        if (!KERNEL_PLACES.getOrDefault(type, destination).equals(destination)) {
            throw refused("mounts " + type + " at " + destination + ", where nothing of the host is hidden");
        }
        List<String> options = Json.strings(mount.path("options"));
        boolean isHosts = type.equals("sysfs") || (type.startsWith("cgroup") && !ownCgroups);
        if (isHosts && !options.contains("ro")) {
            throw refused("may write to " + destination + " (it was privileged)");
        }
        mount.set("options", Json.array(VolumeOptions.forRuntime(options)));
    }

    /** What the kernel shows of the host in /proc must be as hidden as in any container that is not privileged. */
    private static void acceptPaths(ObjectNode linux) {
        Set<String> masked = new TreeSet<>(Json.strings(linux.path("maskedPaths")));
        Set<String> protectedPaths = new TreeSet<>(Json.strings(linux.path("readonlyPaths")));
        protectedPaths.addAll(masked);
        if (!masked.contains(MEMORY)) {
            throw refused("may read " + MEMORY + ", the host's memory (it was unmasked or privileged)");
        }
        for (String path : KERNEL_CONTROLS) {
            if (!protectedPaths.contains(path)) {
                throw refused("may write to the host's " + path + " (it was unmasked or privileged)");
            }
        }
        if (linux.path("seccomp") instanceof ObjectNode seccomp) {
            seccomp.remove(List.of("listenerPath", "listenerMetadata"));
        }
    }

    private static void acceptProcess(ObjectNode process) {
        acceptCapabilities(process);
        if (process.path("oomScoreAdj").asInt() < 0) {
            process.remove("oomScoreAdj");
        }
    }

    /**
     * A directory or file of this host that an archive mounts.
     *
     * @throws EngineException if it is not there, or belongs to the system
     */
    void acceptSource(String source, String destination) throws IOException {
        acceptBind(Path.of(source), destination);
    }

    private void acceptBind(Path source, String destination) throws IOException {
        if (!source.isAbsolute() || !Files.exists(source)) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "the container mounts the host's " + source + " at " + destination
                            + ", which does not exist here: make it before the restore");
        }
        belongingToTheSystem(source).ifPresent(directory -> {
            throw refused(
                    "mounts the host's " + source + " at " + destination + ": " + directory + " belongs to the system");
        });
    }

    /** The directory of the system that a path lies in, is, or holds, with links resolved; empty if there is none. */
    private Optional<String> belongingToTheSystem(Path path) throws IOException {
        Path real = path.toRealPath();
        List<String> forbidden = new ArrayList<>(SYSTEM_DIRECTORIES);
        forbidden.add(root.toString());
        for (String directory : forbidden) {
            Path system = Path.of(directory);
            boolean clash = real.startsWith(system) || system.startsWith(real);
            if (clash) {
                return Optional.of(directory);
            }
        }
        return Optional.empty();
    }

    /** Namespaces of its own are granted; those of the host are not, but for the network of a container that had it. */
    private static void acceptNamespaces(ArrayNode namespaces) {
        Set<String> had = new TreeSet<>();
        for (JsonNode namespace : namespaces) {
            String type = namespace.path("type").asText();
            had.add(type);
            if (!OWN_NAMESPACES.contains(type)) {
                throw refused("needs a namespace of type \"" + type + "\"");
            }
            if (namespace.has("path") && !type.equals("network")) {
                throw refused("joins the namespace " + namespace.path("path").asText());
            }
            ((ObjectNode) namespace).remove("path");
        }
        for (String needed : List.of("mount", "pid", "ipc", "uts")) {
            if (!had.contains(needed)) {
                throw refused("shares the host's " + needed + " namespace");
            }
        }
    }

    private static void acceptDevices(ObjectNode linux) {
        if (!linux.path("devices").isEmpty()) {
            throw refused("needs the device "
                    + linux.path("devices").get(0).path("path").asText());
        }
        for (JsonNode rule : linux.path("resources").path("devices")) {
            boolean everything = rule.path("allow").asBoolean() && !rule.has("major") && !rule.has("minor");
            if (everything && rule.path("access").asText("rwm").contains("w")) {
                throw refused("may use every device of the host (it was privileged)");
            }
        }
    }

    private static void acceptCapabilities(ObjectNode process) {
        Set<String> granted = new TreeSet<>(Capabilities.ORDINARY);
        for (JsonNode set : process.path("capabilities")) {
            for (JsonNode capability : set) {
                if (!granted.contains(capability.asText())) {
                    throw refused("has the capability " + capability.asText());
                }
            }
        }
    }

    /**
     * The directory that an archive names as its root file system.
     *
     * @throws EngineException if it is not there, or belongs to the system
     */
    Path acceptRootfs(Path rootfs) throws IOException {
        if (!rootfs.isAbsolute() || !Files.isDirectory(rootfs)) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "the container's root file system " + rootfs
                            + " is not here: copy it, or name another by --rootfs");
        }
        Optional<String> system = belongingToTheSystem(rootfs);
        if (system.isPresent()) {
            throw refused("uses the host's " + rootfs + " as its root file system: " + system.get()
                    + " belongs to the system; name a directory by --rootfs");
        }
        return rootfs;
    }

    private static EngineException refused(String wish) {
        return new EngineException(
                EngineException.Code.REFUSED_BY_POLICY, "this host does not restore a container that " + wish);
    }
}

package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a checkpoint archive may ask of this host. An archive comes from outside: it describes a container, and this policy
 * decides which of its wishes the host grants. What a description of a container has no business to say (hooks, namespaces
 * of the host, CRIU's configuration) is refused or left out; host directories that belong to the system are not lent. A {@link
 * RestorePolicy} may grant more, or less.
 */
final class ImportPolicy {
    static final String MEMORY = "/proc/kcore";
    private static final List<String> KERNEL_CONTROLS = List.of("/proc/sys", "/proc/sysrq-trigger");

    /** What of the host's kernel no container sees, or only to read, that has not been granted it. */
    static final List<String> HIDDEN =
            Stream.concat(Stream.of(MEMORY), KERNEL_CONTROLS.stream()).toList();

    private static final Set<String> NAMESPACES = Set.of("pid", "network", "ipc", "uts", "mount", "cgroup", "time");
    private static final List<String> NEEDED_NAMESPACES = List.of("mount", "pid", "ipc", "uts", "network");

    /** What a specification may say; the rest is another system's, or for the host to say. */
    private static final Set<String> KNOWN = Set.of(
            "ociVersion", "process", "root", "hostname", "domainname", "mounts", "annotations", "linux", "hooks");

    private static final Set<String> KNOWN_OF_LINUX = Set.of(
            "namespaces",
            "devices",
            "resources",
            "seccomp",
            "maskedPaths",
            "readonlyPaths",
            "sysctl",
            "mountLabel",
            "timeOffsets");

    /** Annotations by which runtimes and system managers are told what to do; beside these they are only words. */
    private static final List<String> ANNOTATIONS_WITH_EFFECT =
            List.of("org.criu.", "org.systemd.", "run.oci.", "module.wasm.", "io.katacontainers.");

    /** What reaches beyond the container when the network is the host's. */
    private static final Set<String> NETWORK_CAPABILITIES = Set.of("CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_NET_BROADCAST");

    private final RestorePolicy policy;
    private final HostPaths hostPaths;
    private final List<String> warnings = new ArrayList<>();

    ImportPolicy(RestorePolicy policy, Path root) {
        this.policy = policy;
        this.hostPaths = new HostPaths(policy, root);
    }

    HostPaths hostPaths() {
        return hostPaths;
    }

    /** What was left out, a sentence each. */
    List<String> warnings() {
        return List.copyOf(warnings);
    }

    /**
     * The specification as this host accepts it.
     *
     * @param volumes destinations at which named volumes will be mounted: what the archive mounts there does not matter
     * @throws EngineException with REFUSED_BY_POLICY, naming what is refused
     */
    ObjectNode accept(ObjectNode foreign, Set<String> volumes) throws IOException {
        ObjectNode spec = foreign.deepCopy();
        acceptHooks(spec);
        keep(spec, KNOWN, "");
        acceptAnnotations(spec.withObjectProperty("annotations"));
        spec.withObjectProperty("root").put("path", "rootfs");
        ObjectNode linux = spec.withObjectProperty("linux");
        Set<String> namespaces = acceptNamespaces(linux.withArrayProperty("namespaces"));
        new MountPolicy(policy, hostPaths)
                .accept(spec.withArrayProperty("mounts"), volumes, namespaces.contains("cgroup"));
        acceptPaths(linux);
        acceptSeccomp(linux);
        linux.remove(List.of("cgroupsPath", "intelRdt", "rootfsPropagation", "uidMappings", "gidMappings"));
        keep(linux, KNOWN_OF_LINUX, "linux.");
        new DevicePolicy(policy).accept(linux);
        acceptSysctls(linux.path("sysctl"), namespaces);
        acceptProcess(spec.withObjectProperty("process"), namespaces);
        return spec;
    }

    private void acceptHooks(ObjectNode spec) {
        if (policy.is(RestorePolicy.HOOKS)) {
            return;
        }
        if (!spec.path("hooks").isEmpty()) {
            throw RestorePolicy.refused("runs hooks on the host", RestorePolicy.HOOKS + " = \"true\"");
        }
        spec.remove("hooks");
    }

    private void keep(ObjectNode object, Set<String> known, String where) {
        List<String> unknown = new ArrayList<>();
        object.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key)) {
                unknown.add(key);
            }
        });
        for (String key : unknown) {
            object.remove(key);
            warnings.add("left out " + where + key + " of the archive's specification: it is for the host to say");
        }
    }

    private void acceptAnnotations(ObjectNode annotations) {
        annotations.remove(BundleSpec.CRIU_CONFIGURATION);
        List<String> names = new ArrayList<>();
        annotations.fieldNames().forEachRemaining(names::add);
        for (String name : names) {
            boolean hasEffect = ANNOTATIONS_WITH_EFFECT.stream().anyMatch(name::startsWith);
            if (hasEffect && !policy.listsLike(RestorePolicy.ANNOTATIONS, name)) {
                annotations.remove(name);
                warnings.add("left out the annotation " + name
                        + ", which tells the host's programs what to do; a policy with " + RestorePolicy.ANNOTATIONS
                        + " naming it would keep it");
            }
        }
    }

    /** What the kernel shows of the host in /proc must be as hidden as in any container that is not privileged. */
    private void acceptPaths(ObjectNode linux) {
        Set<String> masked = new TreeSet<>(Json.strings(linux.path("maskedPaths")));
        Set<String> protectedPaths = new TreeSet<>(Json.strings(linux.path("readonlyPaths")));
        protectedPaths.addAll(masked);
        String how = RestorePolicy.UNMASKED_PATHS + " naming it";
        if (!masked.contains(MEMORY) && !policy.lists(RestorePolicy.UNMASKED_PATHS, MEMORY)) {
            throw RestorePolicy.refused(
                    "may read " + MEMORY + ", the host's memory (it was unmasked or privileged)", how);
        }
        for (String path : KERNEL_CONTROLS) {
            if (!protectedPaths.contains(path) && !policy.lists(RestorePolicy.UNMASKED_PATHS, path)) {
                throw RestorePolicy.refused(
                        "may write to the host's " + path + " (it was unmasked or privileged)", how);
            }
        }
    }

    private void acceptSeccomp(ObjectNode linux) {
        if (linux.path("seccomp") instanceof ObjectNode seccomp) {
            seccomp.remove(List.of("listenerPath", "listenerMetadata"));
        }
        String usual = linux.path("seccomp").path("defaultAction").asText("SCMP_ACT_ALLOW");
        if (policy.is(RestorePolicy.REQUIRE_SECCOMP)
                && Set.of("SCMP_ACT_ALLOW", "SCMP_ACT_LOG").contains(usual)) {
            throw RestorePolicy.refused("may use every system call", RestorePolicy.REQUIRE_SECCOMP + " = \"false\"");
        }
    }

    /**
     * Namespaces of its own are granted; those of the host are not, but for the network of a container that had it.
     *
     * @return the types of its own
     */
    private Set<String> acceptNamespaces(ArrayNode namespaces) {
        Set<String> had = new TreeSet<>();
        for (JsonNode namespace : namespaces) {
            String type = namespace.path("type").asText();
            had.add(type);
            if (!NAMESPACES.contains(type)) {
                throw RestorePolicy.refused("needs a namespace of type \"" + type + "\"");
            }
            String path = namespace.path("path").asText();
            if (policy.lists(RestorePolicy.NAMESPACE_PATHS, path) && !path.isEmpty()) {
                continue;
            }
            if (namespace.has("path") && !type.equals("network")) {
                throw RestorePolicy.refused(
                        "joins the namespace " + path, RestorePolicy.NAMESPACE_PATHS + " naming it");
            }
            ((ObjectNode) namespace).remove("path");
        }
        for (String needed : NEEDED_NAMESPACES) {
            if (!had.contains(needed) && !policy.lists(RestorePolicy.HOST_NAMESPACES, needed)) {
                throw RestorePolicy.refused(
                        "shares the host's " + needed + " namespace", RestorePolicy.HOST_NAMESPACES + " naming it");
            }
        }
        return had;
    }

    private void acceptSysctls(JsonNode sysctls, Set<String> namespaces) {
        for (Map.Entry<String, JsonNode> sysctl : sysctls.properties()) {
            if (!policy.listsLike(RestorePolicy.SYSCTLS, sysctl.getKey())
                    && !Sysctls.isOwn(sysctl.getKey(), namespaces)) {
                throw RestorePolicy.refused(
                        "sets the host's kernel parameter " + sysctl.getKey(), RestorePolicy.SYSCTLS + " naming it");
            }
        }
    }

    private void acceptProcess(ObjectNode process, Set<String> namespaces) {
        Set<String> granted = new TreeSet<>(policy.list(RestorePolicy.CAPABILITIES));
        if (granted.contains(RestorePolicy.ORDINARY)) {
            granted.addAll(Capabilities.ORDINARY);
            if (!namespaces.contains("network")) {
                granted.removeAll(NETWORK_CAPABILITIES);
                granted.addAll(policy.list(RestorePolicy.CAPABILITIES));
            }
        }
        for (JsonNode set : process.path("capabilities")) {
            for (JsonNode capability : set) {
                if (!granted.contains(capability.asText()) && !granted.contains(RestorePolicy.ALL)) {
                    throw RestorePolicy.refused(
                            "has the capability " + capability.asText(), RestorePolicy.CAPABILITIES + " naming it");
                }
            }
        }
        if (process.path("oomScoreAdj").asInt() < 0) {
            process.remove("oomScoreAdj");
        }
    }
}

package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.archive.ArchiveRequirements;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Tells what a host's policy would say of a container that runs elsewhere, while nothing of it is here: the policy itself says it, in the
 * words of a restore, but of each part of the container's description by itself, so that all kinds
 * of refusals are told at once.
 */
public final class PolicyTrial {
    /** A privileged container has hundreds, all for the same reason. */
    private static final int MOST_OF_A_KIND = 3;

    /** More than any container has. */
    private static final int MOST_PARTS = 4096;

    private static final int MOST_NAMESPACES = 8;

    private static final List<String> NAMESPACES = List.of("mount", "pid", "ipc", "uts", "network", "cgroup");

    private final RestorePolicy policy;
    private final Path root;
    private final Set<String> refusals = new LinkedHashSet<>();

    private PolicyTrial(RestorePolicy policy, Path root) {
        this.policy = policy;
        this.root = root;
    }

    /**
     * Why the container would be refused, a sentence each; empty if it would not. Its mounts, namespaces, capabilities, devices, kernel
     * parameters and hooks are looked at; what only its checkpoint tells is not.
     *
     * @param config its configuration in libpod's JSON form; may have anything in it
     * @param root the root of the engine that would restore it
     */
    public static List<String> refusals(byte[] config, RestorePolicy policy, Path root) {
        PolicyTrial trial = new PolicyTrial(policy, root);
        trial.attempt(() -> trial.container(Json.MAPPER.readTree(config)));
        return List.copyOf(trial.refusals);
    }

    /**
     * Compares what a container needs of its processor, kernel and CRIU with this host.
     *
     * @return what may be of importance, a sentence each
     * @throws EngineException with REFUSED_BY_POLICY if something is missing that the policy does not excuse
     */
    public static List<String> compare(ArchiveRequirements needed, RestorePolicy policy)
            throws IOException, InterruptedException {
        return TargetRequirements.check(needed, policy);
    }

    /** Whether the policy excuses whatever the processor lacks. */
    public static boolean excusesProcessor(RestorePolicy policy) {
        return policy.list(RestorePolicy.MISSING_CPU_FEATURES).contains(RestorePolicy.ALL);
    }

    private void container(JsonNode config) throws IOException {
        if (!(config instanceof ObjectNode object)) {
            throw new IOException("it is no JSON object");
        }
        ContainerConfig foreign = ContainerConfig.of(object);
        HostPaths hostPaths = new HostPaths(policy, root);
        Set<String> volumes = new TreeSet<>();
        foreign.namedVolumes().forEach(volume -> volumes.add(volume.destination()));
        foreign.imageMounts().forEach(mount -> volumes.add(mount.destination()));
        List<Look> looks = new ArrayList<>();
        for (ContainerConfig.OverlayVolume volume : foreign.overlayVolumes()) {
            volumes.add(volume.destination());
            looks.add(() -> hostPaths.acceptBind(volume.source(), volume.destination()));
        }
        foreign.rootfs().ifPresent(rootfs -> looks.add(() -> hostPaths.acceptRootfs(rootfs)));
        attemptEach(looks);
        specification(foreign.spec(), volumes);
    }

    /** Puts each part of a specification into one that is granted, so that what is said then is said of that part. */
    private void specification(ObjectNode spec, Set<String> volumes) throws IOException {
        JsonNode linux = spec.path("linux");
        JsonNode namespaces = linux.path("namespaces");
        if (namespaces.size() > MOST_NAMESPACES) {
            throw new IOException("it has " + namespaces.size() + " namespaces");
        }
        ObjectNode granted = granted();
        if (attempt(() -> accept(with(granted, namespaces, "linux", "namespaces"), volumes))) {
            granted.withObjectProperty("linux").set("namespaces", namespaces);
        }
        attempt(() -> accept(with(granted, spec.path("hooks"), "hooks"), volumes));
        attempt(() -> accept(with(granted, linux.path("seccomp"), "linux", "seccomp"), volumes));
        ObjectNode unmasked = with(granted, linux.path("maskedPaths"), "linux", "maskedPaths");
        attempt(() -> accept(with(unmasked, linux.path("readonlyPaths"), "linux", "readonlyPaths"), volumes));
        attemptEach(elements(spec.path("mounts"), granted, volumes, "mounts"));
        attemptEach(elements(linux.path("devices"), granted, volumes, "linux", "devices"));
        attemptEach(elements(linux.at("/resources/devices"), granted, volumes, "linux", "resources", "devices"));
        attemptEach(elements(capabilities(spec), granted, volumes, "process", "capabilities", "bounding"));
        List<Look> sysctls = new ArrayList<>();
        linux.path("sysctl")
                .properties()
                .forEach(sysctl -> sysctls.add(
                        () -> accept(with(granted, sysctl.getValue(), "linux", "sysctl", sysctl.getKey()), volumes)));
        attemptEach(sysctls);
    }

    /** What any policy grants. */
    private static ObjectNode granted() {
        ObjectNode spec = Json.object();
        ObjectNode linux = spec.putObject("linux");
        ArrayNode namespaces = linux.putArray("namespaces");
        NAMESPACES.forEach(type -> namespaces.addObject().put("type", type));
        linux.set("maskedPaths", Json.array(ImportPolicy.HIDDEN));
        linux.putObject("seccomp").put("defaultAction", "SCMP_ACT_ERRNO");
        return spec;
    }

    /** A copy with a part at a place; the part that there is not is none in the copy either. */
    private static ObjectNode with(ObjectNode spec, JsonNode part, String... place) {
        ObjectNode copy = spec.deepCopy();
        ObjectNode parent = copy;
        for (int i = 0; i < place.length - 1; i++) {
            parent = parent.withObjectProperty(place[i]);
        }
        String last = place[place.length - 1];
        parent.remove(last);
        if (!part.isMissingNode()) {
            parent.set(last, part);
        }
        return copy;
    }

    private List<Look> elements(JsonNode array, ObjectNode granted, Set<String> volumes, String... place) {
        List<Look> looks = new ArrayList<>();
        for (JsonNode element : array) {
            looks.add(() -> accept(with(granted, Json.MAPPER.createArrayNode().add(element), place), volumes));
        }
        return looks;
    }

    private static JsonNode capabilities(ObjectNode spec) {
        Set<String> names = new TreeSet<>();
        spec.at("/process/capabilities").forEach(set -> names.addAll(Json.strings(set)));
        return Json.array(List.copyOf(names));
    }

    private void accept(ObjectNode spec, Set<String> volumes) throws IOException {
        new ImportPolicy(policy, root).accept(spec, volumes);
    }

    /** A look at a part of the description, which fails with what is wrong with it. */
    private interface Look {
        void run() throws IOException;
    }

    /** Looks at all parts of one kind, and tells of the first that are refused. */
    private void attemptEach(List<Look> looks) {
        int told = 0;
        if (looks.size() > MOST_PARTS) {
            refusals.add("the container has " + looks.size() + " mounts, devices or the like of one kind");
            return;
        }
        for (Look look : looks) {
            if (!attempt(look) && ++told == MOST_OF_A_KIND) {
                return;
            }
        }
    }

    private boolean attempt(Look look) {
        try {
            look.run();
            return true;
        } catch (EngineException e) {
            refusals.add(String.valueOf(e.getMessage()));
        } catch (IOException | RuntimeException e) {
            // A value of another kind than libpod or the OCI specification have at its place, which no program writes.
            refusals.add("the container's description has a form that is none: " + e.getMessage());
        }
        return false;
    }
}

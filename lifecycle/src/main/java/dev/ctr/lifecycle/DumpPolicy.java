package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.criu.image.CriuDump;
import dev.ctr.criu.image.CriuImageException;
import dev.ctr.criu.image.DumpedMount;
import dev.ctr.criu.image.DumpedProcess;
import dev.ctr.criu.image.DumpedProcess.State;
import dev.ctr.criu.image.ThreadPrivileges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whether the processes in CRIU images are such as the specification beside them describes. CRIU restores what its images say,
 * whatever the specification says: capabilities, system call filters, namespaces, mounts and open devices. So what the host has
 * granted to a specification is worth as much as this comparison.
 */
final class DumpPolicy {
    private static final Set<State> ENDED = EnumSet.of(State.DEAD, State.ZOMBIE);
    private static final String ADMINISTRATION = "CAP_SYS_ADMIN";
    private static final String PROC = "/proc";

    /** Devices that every container has. */
    private static final Set<String> EVERYONES = Set.of(
            "/dev/null",
            "/dev/zero",
            "/dev/full",
            "/dev/random",
            "/dev/urandom",
            "/dev/tty",
            "/dev/console",
            "/dev/ptmx");

    private static final String TERMINALS = "/dev/pts/";

    private final RestorePolicy policy;
    private final MountPolicy mounts;
    private final String name;
    private final JsonNode spec;
    private final Set<String> granted;

    /** @param container with the specification as the host has accepted it */
    DumpPolicy(RestorePolicy policy, HostPaths hostPaths, ContainerConfig container) {
        this.policy = policy;
        this.mounts = new MountPolicy(policy, hostPaths);
        this.name = container.name();
        this.spec = container.spec();
        this.granted = new TreeSet<>(policy.list(RestorePolicy.CAPABILITIES));
        granted.addAll(Json.strings(spec.path("process").path("capabilities").path("bounding")));
    }

    /**
     * Looks at all that can be granted or refused. Memory does not grow with the container's.
     *
     * @param images the directory of the CRIU images
     * @throws EngineException with REFUSED_BY_POLICY, naming what is refused; with BAD_ARCHIVE if the images cannot be read
     */
    void check(Path images) throws IOException {
        if (policy.is(RestorePolicy.UNCHECKED_IMAGES)) {
            return;
        }
        try {
            CriuDump dump = CriuDump.open(images);
            for (DumpedProcess process : dump.processes().all()) {
                if (!ENDED.contains(process.state())) {
                    checkNamespaces(dump.hostNamespaces(process), process);
                    for (ThreadPrivileges thread : dump.privileges(process)) {
                        checkCapabilities(thread, process);
                        checkConfinement(thread, process);
                    }
                }
            }
            checkMounts(dump.mounts());
            checkDevices(dump.deviceFiles());
        } catch (CriuImageException e) {
            throw new EngineException(
                    EngineException.Code.BAD_ARCHIVE,
                    "cannot restore " + name + ": its CRIU images cannot be checked (" + e.getMessage()
                            + "); a policy with " + RestorePolicy.UNCHECKED_IMAGES
                            + " = \"true\" would leave them to CRIU",
                    e);
        }
    }

    private static EngineException refused(DumpedProcess process, String wish, String how) {
        return RestorePolicy.refused(
                "has a process (" + process.name() + ", number " + process.pid() + ") that " + wish, how);
    }

    private void checkNamespaces(Set<String> hosts, DumpedProcess process) {
        for (JsonNode namespace : spec.path("linux").path("namespaces")) {
            String type = namespace.path("type").asText();
            if (hosts.contains(type) && !policy.lists(RestorePolicy.HOST_NAMESPACES, type)) {
                throw refused(
                        process,
                        "shares the host's " + type + " namespace, where the specification gives it its own",
                        RestorePolicy.HOST_NAMESPACES + " naming it");
            }
        }
    }

    private void checkCapabilities(ThreadPrivileges thread, DumpedProcess process) {
        if (granted.contains(RestorePolicy.ALL)) {
            return;
        }
        for (String capability : Capabilities.named(thread.capabilities())) {
            if (!granted.contains(capability)) {
                throw refused(
                        process,
                        "has the capability " + capability + ", which the specification does not give it",
                        RestorePolicy.CAPABILITIES + " naming it");
            }
        }
    }

    private void checkConfinement(ThreadPrivileges thread, DumpedProcess process) {
        if (policy.is(RestorePolicy.UNCONFINED_PROCESSES)) {
            return;
        }
        String how = RestorePolicy.UNCONFINED_PROCESSES + " = \"true\"";
        if (!thread.filtered() && demandsFilter()) {
            throw refused(process, "is without the seccomp filter that the specification demands", how);
        }
        JsonNode demanded = spec.path("process");
        if (!thread.noNewPrivileges() && demanded.path("noNewPrivileges").asBoolean()) {
            throw refused(process, "may gain privileges, which the specification forbids", how);
        }
        for (String key : List.of("apparmorProfile", "selinuxLabel")) {
            String profile = demanded.path(key).asText();
            if (!profile.isEmpty() && !profile.equals(thread.securityProfile())) {
                throw refused(
                        process,
                        "is under the security profile \"" + thread.securityProfile()
                                + "\", where the specification demands \"" + profile + "\"",
                        how);
            }
        }
    }

    /** One that allows everything is not installed at all (runc, libcontainer/specconv). */
    private boolean demandsFilter() {
        JsonNode seccomp = spec.path("linux").path("seccomp");
        boolean allows = seccomp.path("defaultAction").asText("SCMP_ACT_ALLOW").equals("SCMP_ACT_ALLOW");
        return !allows || !seccomp.path("syscalls").isEmpty();
    }

    /** What comes from outside gets here by its key alone, which the specification's mounts give a meaning. */
    private void checkMounts(List<DumpedMount> all) {
        List<DumpedMount> made =
                all.stream().filter(mount -> mount.external().isEmpty()).toList();
        boolean ownCgroups = hasNamespace("cgroup");
        boolean nested = granted.contains(ADMINISTRATION) || granted.contains(RestorePolicy.ALL);
        requireOnce(made, "/", nested);
        requireOnce(made, PROC, nested);
        for (DumpedMount mount : made) {
            // The first is the root file system, which the host chooses; what has no type is a part of what is mounted
            // already.
            if (!mount.mountPoint().equals("/") && !mount.type().isEmpty()) {
                mounts.acceptDumped(mount, ownCgroups);
            }
            boolean controls =
                    mount.type().equals("proc") && !mount.mountPoint().equals(PROC);
            if (controls && !mount.readOnly()) {
                requireUnmasked(mount.mountPoint());
            }
        }
        for (String hidden : ImportPolicy.HIDDEN) {
            boolean isHidden = all.stream()
                    .anyMatch(mount -> mount.mountPoint().equals(hidden)
                            && (!mount.type().equals("proc") || (mount.readOnly() && !isMemory(hidden))));
            if (!isHidden && Files.exists(Path.of(hidden))) {
                requireUnmasked(hidden);
            }
        }
    }

    private boolean hasNamespace(String wanted) {
        for (JsonNode namespace : spec.path("linux").path("namespaces")) {
            if (namespace.path("type").asText().equals(wanted)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isMemory(String path) {
        return path.equals(ImportPolicy.MEMORY);
    }

    private static void requireOnce(List<DumpedMount> mounts, String place, boolean nested) {
        long count = mounts.stream()
                .filter(mount -> mount.mountPoint().equals(place))
                .count();
        if (count > 1 && !nested) {
            throw RestorePolicy.refused(
                    "has " + count + " mounts at " + place, RestorePolicy.CAPABILITIES + " naming " + ADMINISTRATION);
        }
    }

    private void requireUnmasked(String path) {
        if (!policy.lists(RestorePolicy.UNMASKED_PATHS, path)) {
            throw RestorePolicy.refused(
                    "may use this host's " + path + ", which its CRIU images leave open",
                    RestorePolicy.UNMASKED_PATHS + " naming it");
        }
    }

    private void checkDevices(Set<String> open) {
        Set<String> known = new TreeSet<>(EVERYONES);
        spec.path("linux")
                .path("devices")
                .forEach(device -> known.add(device.path("path").asText()));
        for (String device : open) {
            if (!known.contains(device)
                    && !device.startsWith(TERMINALS)
                    && !policy.lists(RestorePolicy.DEVICES, device)) {
                throw RestorePolicy.refused(
                        "has the device " + device + " open, which its specification does not name",
                        RestorePolicy.DEVICES + " naming it, or all,");
            }
        }
    }
}

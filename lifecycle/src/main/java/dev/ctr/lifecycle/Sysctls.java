package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;

/** Kernel parameters of a container: those that belong to its own namespaces, and no others. */
final class Sysctls {
    private static final Set<String> OF_IPC = Set.of(
            "kernel.msgmax",
            "kernel.msgmnb",
            "kernel.msgmni",
            "kernel.sem",
            "kernel.shmall",
            "kernel.shmmax",
            "kernel.shmmni",
            "kernel.shm_rmid_forced");

    private Sysctls() {}

    /**
     * Adds them to a specification's {@code linux} object.
     *
     * @param namespaces the types of the namespaces that are the container's own
     * @throws EngineException with INVALID_ARGUMENT for one that would be the host's
     */
    static void add(Map<String, String> sysctls, Set<String> namespaces, ObjectNode linux) {
        for (Map.Entry<String, String> sysctl : sysctls.entrySet()) {
            String key = sysctl.getKey().replace('/', '.');
            String namespace = namespaceOf(key);
            if (!namespaces.contains(namespace)) {
                throw invalid("sysctl '" + key + "' can't be set since the container has the host's " + namespace
                        + " namespace");
            }
            linux.withObjectProperty("sysctl").put(key, sysctl.getValue());
        }
    }

    /** Whether a parameter belongs to one of these namespaces, so that nobody else sees it. */
    static boolean isOwn(String key, Set<String> namespaces) {
        return namespaces.contains(ownerOf(key.replace('/', '.')));
    }

    private static String ownerOf(String key) {
        if (key.startsWith("net.")) {
            return "network";
        }
        return OF_IPC.contains(key) || key.startsWith("fs.mqueue.") ? "ipc" : "";
    }

    private static String namespaceOf(String key) {
        String owner = ownerOf(key);
        if (!owner.isEmpty()) {
            return owner;
        }
        throw invalid("sysctl '" + key + "' is not allowed: it is no parameter of a container's own namespaces");
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }
}

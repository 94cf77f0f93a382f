package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.JoinedNamespaceImages;
import dev.ctr.criu.linux.NetworkNamespace;
import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.criu.linux.SharedNamespace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * The namespaces of other containers that one is about to join, held open.
 *
 * <p>The runtime is told a path below {@code /proc/PID}, which could come to mean another process while it is on its way. So
 * the namespace is opened first and its owner seen alive after that; the open file keeps its inode from being used again
 * (namespaces(7)), and {@link #verify} compares it with what the new process is really in.
 */
final class JoinedNamespaces implements AutoCloseable {
    private final Map<NamespaceKind, Joined> joined = new EnumMap<>(NamespaceKind.class);

    /** A namespace to join: where it is found, its inode, and what keeps it. */
    private record Joined(Path path, long inode, InputStream held) {}

    private JoinedNamespaces() {}

    /** @throws EngineException STATE_IMPROPER if a container whose namespace is needed does not run */
    static JoinedNamespaces open(EngineContext engine, ContainerConfig config) throws IOException {
        JoinedNamespaces namespaces = new JoinedNamespaces();
        boolean done = false;
        try {
            for (NamespaceKind kind : NamespaceKind.values()) {
                Optional<ContainerId> owner = config.sharedNamespace(kind);
                if (owner.isPresent()) {
                    namespaces.hold(kind, new Container(engine, owner.get()));
                }
            }
            done = true;
            return namespaces;
        } finally {
            if (!done) {
                namespaces.close();
            }
        }
    }

    private void hold(NamespaceKind kind, Container owner) throws IOException {
        ProcessIdentity process = living(owner);
        Path path = path(process, kind);
        InputStream held;
        try {
            held = Files.newInputStream(path);
        } catch (IOException ended) {
            throw notRunning(owner);
        }
        joined.put(kind, new Joined(path, NetworkNamespace.inode(path), held));
        if (!process.isAlive()) {
            throw notRunning(owner);
        }
    }

    /** Where a namespace of a container that lives is. */
    static Path path(Container owner, NamespaceKind kind) {
        return path(living(owner), kind);
    }

    private static Path path(ProcessIdentity process, NamespaceKind kind) {
        return Path.of("/proc", Long.toString(process.pid()), "ns", kind.procName());
    }

    private static ProcessIdentity living(Container owner) {
        return owner.process().orElseThrow(() -> notRunning(owner));
    }

    private static EngineException notRunning(Container owner) {
        return new EngineException(
                EngineException.Code.STATE_IMPROPER,
                "cannot get namespace path unless container " + owner.id() + " is running: container state improper");
    }

    /** Adds the paths to a specification. */
    ObjectNode addTo(ObjectNode spec) throws IOException {
        ObjectNode linux = spec.withObjectProperty("linux");
        ArrayNode namespaces = linux.withArrayProperty("namespaces");
        for (Map.Entry<NamespaceKind, Joined> entry : joined.entrySet()) {
            NamespaceKind kind = entry.getKey();
            Joined namespace = entry.getValue();
            // The kernel refuses to enter the user namespace that one is in already.
            boolean entered = kind == NamespaceKind.USER && namespace.inode() == ownInode(kind);
            remove(namespaces, kind);
            if (!entered) {
                namespaces
                        .addObject()
                        .put("type", kind.specType())
                        .put("path", namespace.path().toString());
            }
            if (kind == NamespaceKind.USER
                    && !entered
                    && linux.path("uidMappings").isEmpty()) {
                // runc asks for mappings even where the namespace has its own.
                for (String mappings : new String[] {"uidMappings", "gidMappings"}) {
                    linux.putArray(mappings)
                            .addObject()
                            .put("containerID", 0)
                            .put("hostID", 0)
                            .put("size", 1);
                }
            }
        }
        return spec;
    }

    /** Changes CRIU images so that what others have in these namespaces stays as it is when they are restored. */
    void adapt(Path images) throws IOException, InterruptedException {
        JoinedNamespaceImages namespaces = new JoinedNamespaceImages(images);
        Joined uts = joined.get(NamespaceKind.UTS);
        if (uts != null) {
            namespaces.keepHostNames(SharedNamespace.hostNames(uts.path()));
        }
        Joined ipc = joined.get(NamespaceKind.IPC);
        if (ipc != null) {
            namespaces.keepIpcObjects(SharedNamespace.hasIpcObjects(ipc.path()));
        }
    }

    private static void remove(ArrayNode namespaces, NamespaceKind kind) {
        for (int i = namespaces.size() - 1; i >= 0; i--) {
            JsonNode namespace = namespaces.get(i);
            if (namespace.path("type").asText().equals(kind.specType())) {
                namespaces.remove(i);
            }
        }
    }

    private static long ownInode(NamespaceKind kind) throws IOException {
        return NetworkNamespace.inode(Path.of("/proc/self/ns", kind.procName()));
    }

    /**
     * Makes sure that a process that was made to join is where it should be.
     *
     * @throws EngineException RUNTIME if not; the process must then be ended
     */
    void verify(ProcessIdentity process) throws IOException {
        for (Map.Entry<NamespaceKind, Joined> entry : joined.entrySet()) {
            Path path = path(process, entry.getKey());
            if (NetworkNamespace.inode(path) != entry.getValue().inode()) {
                throw new EngineException(
                        EngineException.Code.RUNTIME,
                        "the container did not get into the " + entry.getKey().word()
                                + " namespace that it is to share: its owner ended meanwhile; start that one again first");
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (Joined namespace : joined.values()) {
            namespace.held().close();
        }
    }
}

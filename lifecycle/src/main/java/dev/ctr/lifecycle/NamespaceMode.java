package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.lifecycle.runtime.Cgroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a namespace of a container comes from, as {@code --ipc}, {@code --pid} and the like say it.
 *
 * @param source in what way
 * @param target the container for {@link Source#CONTAINER}, the file for {@link Source#PATH}, else empty
 */
record NamespaceMode(Source source, String target) {
    private static final String CONTAINER = "container:";
    private static final String PATH = "ns:";

    /** The ways to come by a namespace. */
    enum Source {
        /** Nothing was said: the pod's if it shares this kind, else what is usual for the kind. */
        UNSAID,
        OWN,
        HOST,
        CONTAINER,
        PATH,
        POD,
        /** IPC alone: its own, in which others may join it. */
        SHAREABLE,
        /** IPC alone: its own, without /dev/shm. */
        NONE
    }

    static NamespaceMode of(Source source) {
        return new NamespaceMode(source, "");
    }

    static NamespaceMode container(ContainerId id) {
        return new NamespaceMode(Source.CONTAINER, id.hex());
    }

    /** @throws EngineException INVALID_ARGUMENT in podman's words */
    static NamespaceMode parse(NamespaceKind kind, String mode) {
        if (mode.startsWith(CONTAINER)) {
            return new NamespaceMode(Source.CONTAINER, mode.substring(CONTAINER.length()));
        }
        if (mode.startsWith(PATH)) {
            return path(kind, mode.substring(PATH.length()));
        }
        return switch (mode) {
            case "" -> of(Source.UNSAID);
            case "private" -> of(Source.OWN);
            case "host" -> of(Source.HOST);
            case "pod" -> of(Source.POD);
            case "shareable", "none" -> ofIpc(kind, mode);
            default -> throw unrecognized(mode);
        };
    }

    private static NamespaceMode path(NamespaceKind kind, String path) {
        if (!path.startsWith("/") || !Files.exists(Path.of(path))) {
            throw invalid("cannot find specified " + longName(kind) + " namespace path: stat " + path
                    + ": no such file or directory");
        }
        return new NamespaceMode(Source.PATH, path);
    }

    private static String longName(NamespaceKind kind) {
        return switch (kind) {
            case NET -> "network";
            case MOUNT, CGROUP, USER -> kind.specType();
            case IPC, PID, UTS -> kind.name();
        };
    }

    private static NamespaceMode ofIpc(NamespaceKind kind, String mode) {
        if (kind != NamespaceKind.IPC) {
            throw unrecognized(mode);
        }
        return of(mode.equals("none") ? Source.NONE : Source.SHAREABLE);
    }

    private static EngineException unrecognized(String mode) {
        return invalid("unrecognized namespace mode " + mode + " passed");
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }

    /** Whether the container gets a new namespace. */
    boolean isOwn() {
        return source == Source.OWN || source == Source.SHAREABLE || source == Source.NONE;
    }

    /** What {@code inspect} says of a container's namespace: {@code private}, {@code host}, {@code container:ID} and so on. */
    static String word(ContainerConfig config, NamespaceKind kind) throws IOException {
        Optional<ContainerId> joined = config.sharedNamespace(kind);
        if (joined.isPresent()) {
            return CONTAINER + joined.get();
        }
        Optional<JsonNode> namespace = config.namespace(kind);
        if (namespace.isEmpty()) {
            return kind == NamespaceKind.CGROUP && hasCgroupNamespaceByDefault(config) ? "private" : "host";
        }
        if (namespace.get().has("path")) {
            return PATH + namespace.get().path("path").asText();
        }
        return kind == NamespaceKind.IPC ? ipcWord(config) : "private";
    }

    private static String ipcWord(ContainerConfig config) {
        return config.hasNoShm() ? "none" : config.sharesShm() ? "shareable" : "private";
    }

    /** Whether a container whose specification names no cgroup namespace gets one when it is made in the runtime. */
    static boolean hasCgroupNamespaceByDefault(ContainerConfig config) throws IOException {
        return Cgroup.isUnified() && !config.privileged() && !config.keepsHostCgroupNamespace();
    }
}

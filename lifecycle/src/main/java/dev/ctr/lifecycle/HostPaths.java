package dev.ctr.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which directories of this host are lent to containers that come from elsewhere. */
final class HostPaths {
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

    private final RestorePolicy policy;
    private final Path root;

    HostPaths(RestorePolicy policy, Path root) {
        this.policy = policy;
        this.root = root;
    }

    /**
     * A directory or file that an archive mounts.
     *
     * @throws EngineException if it is not there, or not lent
     */
    void acceptBind(String source, String destination) throws IOException {
        Path path = path(source);
        String wish = "mounts the host's " + path + " at " + destination;
        if (!path.isAbsolute() || !Files.exists(path)) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "the container " + wish + ", which does not exist here: make it before the restore");
        }
        refuse(path, wish);
    }

    /**
     * The directory that an archive names as its root file system.
     *
     * @throws EngineException if it is not there, or not lent
     */
    Path acceptRootfs(Path rootfs) throws IOException {
        if (!rootfs.isAbsolute() || !Files.isDirectory(rootfs)) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "the container's root file system " + rootfs
                            + " is not here: copy it, or name another by --rootfs");
        }
        refuse(rootfs, "uses the host's " + rootfs + " as its root file system");
        return rootfs;
    }

    static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new EngineException(
                    EngineException.Code.BAD_ARCHIVE,
                    "the archive names a host path that is none: " + e.getReason(),
                    e);
        }
    }

    private void refuse(Path path, String wish) throws IOException {
        Path real = path.toRealPath();
        for (String granted : policy.list(RestorePolicy.HOST_PATHS)) {
            boolean isPath = granted.startsWith("/");
            if (granted.equals(RestorePolicy.ALL) || (isPath && real.startsWith(Path.of(granted)))) {
                return;
            }
        }
        String how = RestorePolicy.HOST_PATHS + " naming it";
        Optional<String> system = belongingToTheSystem(real);
        if (system.isPresent()) {
            throw RestorePolicy.refused(wish + " (" + system.get() + " belongs to the system)", how);
        }
        if (!policy.list(RestorePolicy.HOST_PATHS).contains(RestorePolicy.ORDINARY)) {
            throw RestorePolicy.refused(wish, how);
        }
    }

    /** The directory of the system that a real path lies in, is, or holds; empty if there is none. */
    private Optional<String> belongingToTheSystem(Path real) {
        List<String> forbidden = new ArrayList<>(SYSTEM_DIRECTORIES);
        forbidden.add(root.toString());
        return forbidden.stream()
                .filter(directory -> real.startsWith(Path.of(directory))
                        || Path.of(directory).startsWith(real))
                .findFirst();
    }
}

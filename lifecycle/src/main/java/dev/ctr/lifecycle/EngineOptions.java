package dev.ctr.lifecycle;

import java.nio.file.Path;
import java.util.List;

/**
 * Where an engine keeps its containers and which programs it drives.
 *
 * @param root persistent state: containers, images, volumes, networks
 * @param runRoot state that ends with the boot: locks, network namespaces, exit codes
 * @param runtime the OCI runtime, by name or absolute path
 * @param cgroupManager how containers' cgroups are made
 * @param cgroupParent the cgroup, below the cgroup root, under which each container gets its own
 * @param exitCommand the command line of {@code ctr} itself, which conmon runs, followed by the global options and {@code
 *     container cleanup ID}, when a container exits; empty when nobody is to clean up behind the caller
 */
public record EngineOptions(
        Path root,
        Path runRoot,
        String runtime,
        CgroupManager cgroupManager,
        String cgroupParent,
        List<String> exitCommand) {

    public static final Path DEFAULT_ROOT = Path.of("/var/lib/ctr");
    public static final Path DEFAULT_RUN_ROOT = Path.of("/run/ctr");
    public static final String DEFAULT_RUNTIME = "runc";
    public static final String DEFAULT_CGROUP_PARENT = "/ctr";

    public EngineOptions {
        root = root.toAbsolutePath().normalize();
        runRoot = runRoot.toAbsolutePath().normalize();
        exitCommand = List.copyOf(exitCommand);
    }

    /** The defaults of the command line, without an exit command. */
    public static EngineOptions defaults() {
        return new EngineOptions(
                DEFAULT_ROOT,
                DEFAULT_RUN_ROOT,
                DEFAULT_RUNTIME,
                CgroupManager.CGROUPFS,
                DEFAULT_CGROUP_PARENT,
                List.of());
    }
}

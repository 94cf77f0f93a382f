package dev.ctr.cli.invocation;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options before the command, as they were given; null where not. */
public final class GlobalFlags {
    /** Their names; each takes a value. */
    public static final Set<String> NAMES = Set.of(
            "--root", "--runroot", "--runtime", "--cgroup-manager", "--cgroup-parent", "--log-level", "--config");

    @Option(names = "--root", paramLabel = "DIR", description = "Where containers, images and volumes are kept")
    @Nullable
    String root;

    @Option(names = "--runroot", paramLabel = "DIR", description = "Where state that ends with the boot is kept")
    @Nullable
    String runroot;

    @Option(names = "--runtime", paramLabel = "NAME|PATH", description = "The OCI runtime")
    @Nullable
    String runtime;

    @Option(names = "--cgroup-manager", paramLabel = "cgroupfs|systemd", description = "Who makes the cgroups")
    @Nullable
    String cgroupManager;

    @Option(names = "--cgroup-parent", paramLabel = "PATH", description = "The cgroup that containers are put under")
    @Nullable
    String cgroupParent;

    @Option(
            names = "--log-level",
            paramLabel = "error|warn|info|debug",
            description = "How much to tell on standard error")
    @Nullable
    String logLevel;

    @Option(names = "--config", paramLabel = "FILE", description = "The configuration file")
    @Nullable
    String config;

    /** The options that were given, by name without the dashes. */
    Map<String, String> given() {
        Map<String, String> given = new LinkedHashMap<>();
        put(given, "root", root);
        put(given, "runroot", runroot);
        put(given, "runtime", runtime);
        put(given, "cgroup-manager", cgroupManager);
        put(given, "cgroup-parent", cgroupParent);
        put(given, "log-level", logLevel);
        put(given, "config", config);
        return given;
    }

    private static void put(Map<String, String> given, String name, @Nullable String value) {
        if (value != null) {
            given.put(name, value);
        }
    }
}

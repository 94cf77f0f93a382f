package dev.ctr.lifecycle.check;

import dev.ctr.criu.linux.Mount;
import dev.ctr.criu.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The cgroup trees that are mounted here.
 *
 * @param mode v1, v2, hybrid or none
 * @param controllers the controllers that can be used
 */
record Cgroups(String mode, Set<String> controllers) {
    static final String HOW_TO_FREEZE =
            "Mount cgroups at /sys/fs/cgroup: version 2, or version 1 with the controllers freezer and devices.";

    private static final Set<String> LIMITS = Set.of("cpu", "memory", "pids");

    Cgroups {
        controllers = Set.copyOf(controllers);
    }

    static Cgroups read() {
        try {
            List<Mount> mounts = Mounts.list();
            Set<String> first = new HashSet<>();
            Set<String> second = new HashSet<>();
            boolean unified = false;
            for (Mount mount : mounts) {
                if (mount.type().equals("cgroup")) {
                    first.addAll(mount.superOptions());
                } else if (mount.type().equals("cgroup2")) {
                    unified = true;
                    String listed = Files.readString(mount.mountPoint().resolve("cgroup.controllers"));
                    second.addAll(Arrays.asList(listed.strip().split(" ", -1)));
                }
            }
            if (first.isEmpty()) {
                return new Cgroups(unified ? "v2" : "none", second);
            }
            first.addAll(second);
            return new Cgroups(unified ? "hybrid" : "v1", first);
        } catch (IOException e) {
            return new Cgroups("none", Set.of());
        }
    }

    /** A v2 tree freezes and guards devices without controllers. */
    boolean canFreeze() {
        return mode.equals("v2") || controllers.containsAll(Set.of("freezer", "devices"));
    }

    boolean canLimit() {
        return controllers.containsAll(LIMITS);
    }
}

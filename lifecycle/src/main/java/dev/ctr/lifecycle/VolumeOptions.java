package dev.ctr.lifecycle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The options of volumes, bind mounts and tmpfs as {@code -v}, {@code --mount} and {@code --tmpfs} give them. */
final class VolumeOptions {
    /** Overlays the source, so that what the container writes stays its own. */
    static final String OVERLAY = "O";
    /** Gives the source to the container's user. */
    static final String OWNED = "U";
    /** Keeps a new volume empty. */
    static final String NO_COPY = "nocopy";

    /** Each option of a group excludes the others of it. */
    private static final List<Set<String>> GROUPS = List.of(
            Set.of("ro", "rw"),
            Set.of("exec", "noexec"),
            Set.of("dev", "nodev"),
            Set.of("suid", "nosuid"),
            Set.of("bind", "rbind"),
            Set.of("z", "Z"),
            Set.of("copy", NO_COPY),
            Set.of("tmpcopyup", "notmpcopyup"),
            Set.of("private", "rprivate", "shared", "rshared", "slave", "rslave", "unbindable", "runbindable"));

    private static final Set<String> SINGLE = Set.of(OVERLAY, OWNED, "noatime", "relatime", "strictatime", "sync");
    private static final List<String> WITH_VALUE =
            List.of("size=", "mode=", "uid=", "gid=", "nr_inodes=", "nr_blocks=");

    /** Read by the engine; the runtime would take them for options of the file system. */
    private static final Set<String> OF_THE_ENGINE = Set.of(OVERLAY, OWNED, "z", "Z", "copy", NO_COPY, "notmpcopyup");

    private VolumeOptions() {}

    static List<String> ofVolume(List<String> given) {
        return completed(given, List.of("rw", "rprivate", "nosuid", "nodev", "rbind"));
    }

    static List<String> ofBind(List<String> given) {
        return completed(given, List.of("rw", "rprivate", "rbind"));
    }

    /** @param given separated by commas */
    static List<String> ofTmpfs(String given) {
        List<String> options = given.isEmpty() ? List.of() : Arrays.asList(given.split(",", -1));
        return forRuntime(completed(options, List.of("rw", "rprivate", "nosuid", "nodev", "tmpcopyup")));
    }

    /** What was given, then those of the defaults that it does not speak of. */
    private static List<String> completed(List<String> given, List<String> defaults) {
        given.forEach(VolumeOptions::check);
        for (Set<String> group : GROUPS) {
            List<String> of = given.stream().filter(group::contains).distinct().toList();
            if (of.size() > 1) {
                throw invalid("invalid options \"" + String.join(", ", of) + "\", can only specify 1 of them");
            }
        }
        List<String> all = new ArrayList<>(given);
        for (String option : defaults) {
            boolean decided = GROUPS.stream()
                    .filter(group -> group.contains(option))
                    .anyMatch(group -> given.stream().anyMatch(group::contains));
            if (!decided) {
                all.add(option);
            }
        }
        return all;
    }

    private static void check(String option) {
        if (option.equals("idmap") || option.startsWith("idmap=")) {
            throw invalid("the mount option idmap needs a user namespace, which ctr's containers have not");
        }
        boolean known = SINGLE.contains(option)
                || GROUPS.stream().anyMatch(group -> group.contains(option))
                || WITH_VALUE.stream().anyMatch(option::startsWith);
        if (!known) {
            throw invalid("invalid option type \"" + option + "\"");
        }
    }

    /** What the runtime is to see of them. */
    static List<String> forRuntime(List<String> options) {
        return options.stream()
                .filter(option -> !OF_THE_ENGINE.contains(option))
                .toList();
    }

    /** The same with read-only or read-write as {@code override} says, if it does. */
    static List<String> overridden(List<String> options, List<String> override) {
        Map<String, String> opposites = Map.of("ro", "rw", "rw", "ro");
        List<String> all = new ArrayList<>(options);
        for (String option : override) {
            if (!opposites.containsKey(option) && !option.equals("z")) {
                throw invalid("invalid options \"" + option + "\", can only specify 'ro', 'rw', and 'z'");
            }
            all.remove(opposites.getOrDefault(option, ""));
            if (!all.contains(option)) {
                all.add(option);
            }
        }
        return all;
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }
}

package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The mounts of an OCI specification, and the parts of /proc and /sys that a container does not see; libpod's choice. */
final class SpecMounts {
    static final List<String> MASKED_PATHS = List.of(
            "/proc/acpi",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/sys/firmware",
            "/sys/fs/selinux",
            "/sys/dev/block");
    static final List<String> READ_ONLY_PATHS =
            List.of("/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private record SpecMount(String destination, String type, String source, List<String> options) {}

    private final List<SpecMount> mounts = new ArrayList<>();
    private final boolean writableKernel;
    private final List<String> procOptions;

    /** @param procOptions further mount options of /proc */
    SpecMounts(boolean privileged, List<String> procOptions) {
        this.writableKernel = privileged;
        this.procOptions = procOptions;
    }

    /** The kernel's file systems that every container has. */
    SpecMounts standard() {
        String access = writableKernel ? "rw" : "ro";
        List<String> proc = new ArrayList<>(List.of("nosuid", "noexec", "nodev"));
        proc.addAll(procOptions);
        add("/proc", "proc", "proc", String.join(",", proc));
        add("/dev", "tmpfs", "tmpfs", "nosuid,noexec,strictatime,mode=755,size=65536k");
        add("/dev/pts", "devpts", "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5");
        add("/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev");
        add("/sys", "sysfs", "sysfs", "nosuid,noexec,nodev," + access);
        add("/sys/fs/cgroup", "cgroup", "cgroup", "rprivate,nosuid,noexec,nodev,relatime," + access);
        return this;
    }

    /** A bind mount with the options that {@link VolumeOptions} has completed; the engine's own stay until it starts. */
    SpecMounts bind(CreateOptions.Volume bind) {
        return add(new SpecMount(bind.destination(), "bind", bind.source(), bind.options()));
    }

    /** @param options as given, separated by commas */
    SpecMounts temporary(String destination, String options) {
        return add(new SpecMount(destination, "tmpfs", "tmpfs", VolumeOptions.ofTmpfs(options)));
    }

    SpecMounts pseudoTerminals(String destination, List<String> options) {
        return add(new SpecMount(destination, "devpts", "devpts", options));
    }

    private SpecMounts add(String destination, String type, String source, String options) {
        return add(new SpecMount(destination, type, source, Arrays.asList(options.split(",", -1))));
    }

    /** A later mount on the same place stands in for the earlier one. */
    private SpecMounts add(SpecMount mount) {
        mounts.removeIf(earlier -> earlier.destination().equals(mount.destination()));
        mounts.add(mount);
        return this;
    }

    /** Parents before what is mounted inside them. */
    ArrayNode toJson() {
        ArrayNode json = Json.MAPPER.createArrayNode();
        mounts.stream()
                .sorted(Comparator.comparingLong(mount ->
                        mount.destination().chars().filter(c -> c == '/').count()))
                .forEach(mount -> json.addObject()
                        .put("destination", mount.destination())
                        .put("type", mount.type())
                        .put("source", mount.source())
                        .set("options", Json.array(mount.options())));
        return json;
    }
}

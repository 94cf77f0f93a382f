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

    SpecMounts(boolean privileged) {
        writableKernel = privileged;
    }

    /** The kernel's file systems that every container has. */
    SpecMounts standard() {
        String access = writableKernel ? "rw" : "ro";
        add("/proc", "proc", "proc", "nosuid,noexec,nodev");
        add("/dev", "tmpfs", "tmpfs", "nosuid,noexec,strictatime,mode=755,size=65536k");
        add("/dev/pts", "devpts", "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5");
        add("/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev");
        add("/sys", "sysfs", "sysfs", "nosuid,noexec,nodev," + access);
        add("/sys/fs/cgroup", "cgroup", "cgroup", "rprivate,nosuid,noexec,nodev,relatime," + access);
        return this;
    }

    SpecMounts bind(String source, String destination, List<String> options) {
        List<String> all = new ArrayList<>(options);
        if (options.stream().noneMatch(option -> option.equals("bind") || option.equals("rbind"))) {
            all.add("rbind");
        }
        if (options.stream()
                .noneMatch(option ->
                        option.endsWith("private") || option.endsWith("shared") || option.endsWith("slave"))) {
            all.add("rprivate");
        }
        return add(new SpecMount(destination, "bind", source, all));
    }

    SpecMounts temporary(String destination, String options) {
        String all = options.isEmpty() ? "rw,noexec,nosuid,nodev" : options;
        return add(destination, "tmpfs", "tmpfs", all);
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

package dev.ctr.lifecycle.runtime;

import dev.ctr.criu.linux.Mount;
import dev.ctr.criu.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * How much memory this process, and what it starts, may still use: what the host has available (proc_meminfo(5)), within the limits
 * of the memory cgroups that the process is in (the kernel's cgroup-v1/memory and cgroup-v2 documents).
 */
public final class MemoryRoom {
    private static final Path OWN_CGROUPS = Path.of("/proc/self/cgroup");

    private MemoryRoom() {}

    /** In bytes; 0 if the host does not tell. */
    public static long bytes() throws IOException {
        return bytes(MemoryRoom::ownPath);
    }

    /** As much as a cgroup's processes may still use, in bytes; of one that is not there yet, as much as its parent's. */
    public static long bytesIn(String cgroup) throws IOException {
        return bytes(unified -> cgroup);
    }

    /** The path of a cgroup, in the unified hierarchy or in that of the memory controller. */
    private interface CgroupPath {
        String in(boolean unified) throws IOException;
    }

    private static long bytes(CgroupPath cgroup) throws IOException {
        long room = kibibytes(Path.of("/proc/meminfo"), "MemAvailable:").orElse(0);
        for (Mount mount : Mounts.list()) {
            boolean unified = mount.type().equals("cgroup2");
            boolean memory =
                    mount.type().equals("cgroup") && mount.superOptions().contains("memory");
            if (unified || memory) {
                room = Math.min(room, below(mount.mountPoint(), cgroup.in(unified), unified));
            }
        }
        return room;
    }

    private static String ownPath(boolean unified) throws IOException {
        try (Stream<String> lines = Files.lines(OWN_CGROUPS)) {
            return lines.filter(line -> unified ? line.startsWith("0::") : line.contains(":memory:"))
                    .map(line -> line.substring(line.lastIndexOf(':') + 1))
                    .findFirst()
                    .orElse("/");
        }
    }

    private static long below(Path hierarchy, String path, boolean unified) throws IOException {
        String limit = unified ? "memory.max" : "memory.limit_in_bytes";
        String usage = unified ? "memory.current" : "memory.usage_in_bytes";
        long room = Long.MAX_VALUE;
        for (Path cgroup = Path.of(hierarchy + path);
                cgroup != null && cgroup.startsWith(hierarchy);
                cgroup = cgroup.getParent()) {
            OptionalLong allowed = number(cgroup.resolve(limit));
            if (allowed.isPresent()) {
                long used = number(cgroup.resolve(usage)).orElse(0);
                room = Math.min(room, Math.max(0, allowed.getAsLong() - used));
            }
        }
        return room;
    }

    /** Empty where there is no such file, or no limit. */
    private static OptionalLong number(Path file) throws IOException {
        try {
            String text = Files.readString(file).strip();
            return text.equals("max") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
        } catch (NoSuchFileException none) {
            return OptionalLong.empty();
        }
    }

    /** Bytes of memory that a process has, swapped out or not; 0 once it has ended. */
    public static long used(long pid) {
        Path status = Path.of("/proc", Long.toString(pid), "status");
        try {
            return kibibytes(status, "VmRSS:").orElse(0)
                    + kibibytes(status, "VmSwap:").orElse(0);
        } catch (IOException ended) {
            // A process that ends while its file is read makes that fail with ESRCH.
            return 0;
        }
    }

    private static OptionalLong kibibytes(Path file, String field) throws IOException {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(field))
                    .map(line ->
                            line.substring(field.length()).replace("kB", "").strip())
                    .mapToLong(number -> Long.parseLong(number) << 10)
                    .findFirst();
        } catch (NoSuchFileException ended) {
            return OptionalLong.empty();
        }
    }
}

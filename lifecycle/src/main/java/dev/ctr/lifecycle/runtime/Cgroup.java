package dev.ctr.lifecycle.runtime;

import dev.ctr.criu.linux.Mount;
import dev.ctr.criu.linux.Mounts;
import dev.ctr.criu.linux.Processes;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A cgroup by its path below the cgroup root, in every hierarchy that is mounted: one for v2, one a controller for v1.
 *
 * @param path such as {@code /ctr/conmon}
 */
public record Cgroup(String path) {
    private static final int SIGKILL = 9;

    /**
     * Moves a process into it, out of a login session's cgroup for example, in every hierarchy that lets it. A hierarchy that refuses, as {@code cpuset} does until it was
     * given processors, keeps the process where it is, which does no harm.
     */
    void enter(long pid) throws IOException {
        if (startsInRoot()) {
            return;
        }
        for (Path directory : directories()) {
            try {
                Files.createDirectories(directory);
                Files.writeString(directory.resolve("cgroup.procs"), Long.toString(pid));
            } catch (IOException refused) {
                removeIfEmpty(directory);
            }
        }
    }

    /** Whether this process, and so what it starts, is in no cgroup that may end before the container does. */
    private static boolean startsInRoot() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/cgroup")).stream().allMatch(line -> line.endsWith(":/"));
    }

    /** The numbers of the processes in it and in the cgroups below it, in ascending order. */
    public SortedSet<Long> processes() throws IOException {
        SortedSet<Long> processes = new TreeSet<>();
        for (Path directory : directories()) {
            if (Files.isDirectory(directory)) {
                try (Stream<Path> tree = Files.walk(directory)) {
                    for (Path list :
                            tree.filter(file -> file.endsWith("cgroup.procs")).toList()) {
                        Files.readAllLines(list).forEach(pid -> processes.add(Long.parseLong(pid)));
                    }
                }
            }
        }
        return processes;
    }

    /** Sends SIGKILL to every process in it; those that are frozen end when they are thawed. */
    public void kill() throws IOException {
        for (long pid : processes()) {
            Processes.kill(pid, SIGKILL);
        }
    }

    /** Ends every process that is left in it, and removes it with the cgroups below it. */
    public void destroy() throws IOException, InterruptedException {
        for (Path directory : directories()) {
            if (Files.isDirectory(directory)) {
                destroy(directory);
            }
        }
    }

    private static void destroy(Path directory) throws IOException, InterruptedException {
        try (Stream<Path> below = Files.list(directory)) {
            for (Path child : below.filter(Files::isDirectory).toList()) {
                destroy(child);
            }
        }
        for (int attempt = 0; attempt < 100; attempt++) {
            for (String pid : Files.readAllLines(directory.resolve("cgroup.procs"))) {
                Processes.kill(Long.parseLong(pid), SIGKILL);
            }
            try {
                Files.deleteIfExists(directory);
                return;
            } catch (DirectoryNotEmptyException e) {
                throw e;
            } catch (FileSystemException busy) {
                Thread.sleep(10);
            }
        }
    }

    /** Removes it where no process and no cgroup is left in it. */
    public void removeIfEmpty() throws IOException {
        for (Path directory : directories()) {
            removeIfEmpty(directory);
        }
    }

    private static boolean removeIfEmpty(Path directory) throws IOException {
        try {
            return Files.deleteIfExists(directory);
        } catch (FileSystemException busy) {
            return false;
        }
    }

    /** Where hierarchies are mounted whole. */
    public static List<Path> hierarchies() throws IOException {
        List<Path> tops = new ArrayList<>();
        for (Mount mount : Mounts.list()) {
            boolean isRoot = mount.root().equals("/");
            if (isRoot && (mount.type().equals("cgroup") || mount.type().equals("cgroup2"))) {
                tops.add(mount.mountPoint());
            }
        }
        return tops;
    }

    /** Its directories, one a mounted hierarchy. */
    private List<Path> directories() throws IOException {
        return hierarchies().stream().map(top -> Path.of(top + path)).toList();
    }

    /** Whether the host has the unified hierarchy only. */
    public static boolean isUnified() throws IOException {
        return Mounts.list().stream()
                .anyMatch(mount -> mount.type().equals("cgroup2")
                        && mount.mountPoint().toString().equals("/sys/fs/cgroup"));
    }
}

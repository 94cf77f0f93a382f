package dev.ctr.test;

import dev.ctr.criu.linux.Mount;
import dev.ctr.criu.linux.Mounts;
import dev.ctr.criu.linux.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Finds what the containers of a root may have left on the machine after they are gone. */
final class Leftovers {
    private Leftovers() {}

    static List<String> of(CtrRoot root) {
        List<String> left = new ArrayList<>();
        mounts(root).forEach(mount -> left.add("mount " + mount.type() + " at " + mount.mountPoint()));
        cgroups(root).forEach(cgroup -> left.add("cgroup " + cgroup));
        processes(root).forEach(process -> left.add("process " + process));
        files(root).forEach(file -> left.add("file " + file));
        leases(root).forEach(lease -> left.add("address " + lease));
        rules(root).forEach(rule -> left.add("firewall rule " + rule));
        return left;
    }

    private static List<Mount> mounts(CtrRoot root) {
        try {
            return Mounts.list().stream()
                    .filter(mount -> mount.mountPoint().startsWith(root.directory())
                            && !mount.mountPoint().equals(root.root()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Cgroups of containers; the parent itself and the one that the conmons share are as lasting as the root. */
    private static List<Path> cgroups(CtrRoot root) {
        List<Path> found = new ArrayList<>();
        try {
            for (Mount mount : Mounts.list()) {
                Path parent = Path.of(mount.mountPoint() + root.cgroupParent());
                if (mount.type().startsWith("cgroup") && Files.isDirectory(parent)) {
                    try (Stream<Path> children = Files.list(parent)) {
                        children.filter(Files::isDirectory)
                                .filter(child -> !child.endsWith("conmon"))
                                .forEach(found::add);
                    }
                }
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Processes of conmon, the runtime and CRIU that name the root; a moment is given to those that are about to end. Agents last. */
    private static List<String> processes(CtrRoot root) {
        List<String> found = List.of();
        for (int attempt = 0; attempt < 100; attempt++) {
            found = processesNow(root);
            if (found.isEmpty()) {
                return found;
            }
            pause(50);
        }
        return found;
    }

    private static List<String> processesNow(CtrRoot root) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .map(process -> process.pid() + " " + commandLine(process.pid()))
                .filter(line -> line.contains(root.directory().toString()))
                .filter(line -> !line.contains(" agent serve "))
                .toList();
    }

    private static String commandLine(long pid) {
        try {
            return new String(Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline")), StandardCharsets.UTF_8)
                    .replace('\0', ' ')
                    .strip();
        } catch (IOException ended) {
            return "";
        }
    }

    /** Directories and names of containers, run directories, exit codes, and unfinished imports. */
    private static List<Path> files(CtrRoot root) {
        List<Path> found = new ArrayList<>();
        for (String place :
                List.of("root/containers", "root/pods", "root/names", "root/staging", "run/containers", "run/exits")) {
            Path directory = root.directory().resolve(place);
            if (Files.isDirectory(directory)) {
                try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
                    entries.forEach(entry -> {
                        if (!entry.endsWith("image.lock")) {
                            found.add(entry);
                        }
                    });
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return found;
    }

    /** Addresses that host-local still holds for a container of this root; files of others come and go meanwhile. */
    private static List<String> leases(CtrRoot root) {
        return Commands.run("grep", "-rlsF", "-e", hash(root), "/run/ctr-ipam")
                .output()
                .lines()
                .toList();
    }

    private static List<String> rules(CtrRoot root) {
        return Stream.of("iptables-save", "ip6tables-save")
                .filter(Commands::exists)
                .flatMap(save -> Commands.run(save).output().lines())
                .filter(rule -> rule.contains(hash(root)))
                .toList();
    }

    /** By which the network plugins tell the containers of this root from those of another. */
    private static String hash(CtrRoot root) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(root.root().toString().getBytes(StandardCharsets.UTF_8));
            return "-" + HexFormat.of().formatHex(digest).substring(0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends and unmounts what was found, so that one failure does not make others. */
    static void clear(CtrRoot root) {
        for (String process : processesNow(root)) {
            long pid = Long.parseLong(process.substring(0, process.indexOf(' ')));
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
        try {
            Mounts.unmountAllBelow(root.directory());
            for (Mount mount : Mounts.list()) {
                Path parent = Path.of(mount.mountPoint() + root.cgroupParent());
                if (mount.type().startsWith("cgroup") && Files.isDirectory(parent)) {
                    removeCgroups(parent);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void removeCgroups(Path cgroup) throws IOException {
        try (Stream<Path> children = Files.list(cgroup)) {
            for (Path child : children.filter(Files::isDirectory).toList()) {
                removeCgroups(child);
            }
        }
        for (String pid : Files.readAllLines(cgroup.resolve("cgroup.procs"))) {
            ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
        }
        for (int attempt = 0; attempt < 100 && Files.isDirectory(cgroup); attempt++) {
            try {
                Files.delete(cgroup);
            } catch (IOException busy) {
                pause(10);
            }
        }
    }

    static void unmountBelow(Path directory) {
        try {
            Mounts.unmountAllBelow(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void deleteTree(Path directory) {
        try {
            Trees.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

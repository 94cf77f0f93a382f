package dev.ctr.agent.migration;

import dev.ctr.criu.linux.FileNodes;
import dev.ctr.lifecycle.Container;
import dev.ctr.proto.migration.Finding;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Looks for what the processes of a container have open that cannot be dumped, so that nothing is frozen in vain. Touches nothing. */
final class SourcePreflight {
    /** The state of an established connection in /proc/net/tcp (Linux, include/net/tcp_states.h). */
    private static final String ESTABLISHED = "01";

    private static final int STATE_COLUMN = 3;
    private static final int MOST_PROCESSES = 10_000;

    /** What /proc/PID/fd shows of descriptors that CRIU refuses (criu/files.c). */
    private static final List<String> UNDUMPABLE = List.of(
            "anon_inode:[io_uring]",
            "anon_inode:[perf_event]",
            "anon_inode:bpf-",
            "anon_inode:[fanotify]",
            "anon_inode:[userfaultfd]",
            "/dev/fuse");

    /** Character devices that CRIU takes for files, tun devices and terminals (criu/files.c, dump_chrdev). */
    private static final Set<Integer> DUMPABLE_MAJORS = Set.of(1, 4, 5, 136, 137, 138, 139, 140, 141, 142, 143);

    private static final int MISCELLANEOUS = 10;
    private static final Set<Integer> DUMPABLE_MINORS = Set.of(200, 235);
    private static final int FILE_TYPE = 0170000;

    private SourcePreflight() {}

    static List<Finding> findings(Container container, MigrateOptions options) {
        Findings findings = new Findings();
        Path first = Path.of("/proc", Long.toString(container.state().pid()));
        connections(findings, first, options);
        Set<String> undumpable = new TreeSet<>();
        for (Path process : tree(first)) {
            undumpable.addAll(undumpable(process));
        }
        if (undumpable.isEmpty()) {
            findings.ok("resources", "its processes have nothing that cannot be moved");
        } else {
            findings.refused(
                    "resources",
                    "its processes have something that cannot be moved: " + String.join(", ", undumpable),
                    "close it or end what uses it");
        }
        return findings.all();
    }

    private static void connections(Findings findings, Path process, MigrateOptions options) {
        if (options.tcpEstablished || options.tcpClose || !hasOwnNetwork(process)) {
            return;
        }
        long count = established(process.resolve("net/tcp")) + established(process.resolve("net/tcp6"));
        if (count > 0) {
            findings.refused(
                    "connections",
                    "it has " + count + " established TCP connection" + (count == 1 ? "" : "s"),
                    "take them along with --tcp-established, or close them with --tcp-close");
        } else {
            findings.ok("connections", "it has no established TCP connections");
        }
    }

    private static boolean hasOwnNetwork(Path process) {
        try {
            Path own = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
            return !own.equals(Files.readSymbolicLink(process.resolve("ns/net")));
        } catch (IOException e) {
            return false;
        }
    }

    private static long established(Path table) {
        try (Stream<String> lines = Files.lines(table)) {
            return lines.skip(1)
                    .map(line -> line.strip().split("\\s+"))
                    .filter(columns -> columns.length > STATE_COLUMN && columns[STATE_COLUMN].equals(ESTABLISHED))
                    .count();
        } catch (IOException e) {
            return 0;
        }
    }

    private static Set<String> undumpable(Path process) {
        Set<String> found = new TreeSet<>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                String open = Files.readSymbolicLink(descriptor).toString();
                UNDUMPABLE.stream().filter(open::startsWith).forEach(found::add);
                if (isForeignDevice(descriptor)) {
                    found.add("the device " + open);
                }
            }
            tracer(process).ifPresent(found::add);
        } catch (IOException ended) {
            return found;
        }
        return found;
    }

    private static boolean isForeignDevice(Path descriptor) throws IOException {
        Map<String, Object> open = Files.readAttributes(descriptor, "unix:mode,rdev");
        int type = (Integer) open.get("mode") & FILE_TYPE;
        long device = (Long) open.get("rdev");
        int major = FileNodes.major(device);
        return switch (type) {
            case FileNodes.S_IFBLK -> true;
            case FileNodes.S_IFCHR ->
                !DUMPABLE_MAJORS.contains(major)
                        && !(major == MISCELLANEOUS && DUMPABLE_MINORS.contains(FileNodes.minor(device)));
            default -> false;
        };
    }

    /** A process has one tracer, and CRIU would have to be it. */
    private static Optional<String> tracer(Path process) throws IOException {
        return Files.readAllLines(process.resolve("status")).stream()
                .filter(line -> line.startsWith("TracerPid:") && !line.endsWith("\t0"))
                .map(line -> "a debugger, the process " + line.substring(line.indexOf('\t') + 1))
                .findFirst();
    }

    private static Set<Path> tree(Path first) {
        Set<Path> all = new HashSet<>();
        Deque<Path> left = new ArrayDeque<>(List.of(first));
        while (!left.isEmpty() && all.size() < MOST_PROCESSES) {
            Path process = left.remove();
            if (all.add(process)) {
                ProcessMemory.children(process).forEach(child -> left.add(Path.of("/proc", Long.toString(child))));
            }
        }
        return all;
    }
}

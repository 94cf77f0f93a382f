package dev.ctr.criu.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The processes of this pid namespace. Looking needs no native code; sending signals and waiting do. */
public final class Processes {
    private static final Path PROC = Path.of("/proc");

    private Processes() {}

    /** The live processes that have {@code argument} among their arguments, the program's own name included. */
    public static List<ProcessIdentity> withArgument(String argument) throws IOException {
        List<ProcessIdentity> found = new ArrayList<>();
        for (long pid : pids()) {
            Optional<ProcessIdentity> process = ProcessIdentity.of(pid);
            if (process.isPresent()
                    && arguments(pid).contains(argument)
                    && process.get().isAlive()) {
                found.add(process.get());
            }
        }
        return found;
    }

    /** The arguments of a process; empty for a zombie, a kernel thread, and a process that is gone. */
    public static List<String> arguments(long pid) {
        try {
            String line = Files.readString(PROC.resolve(pid + "/cmdline"), StandardCharsets.ISO_8859_1);
            return line.isEmpty()
                    ? List.of()
                    : Arrays.stream(line.split("\0")).map(Processes::utf8).toList();
        } catch (IOException e) {
            // It ended meanwhile.
            return List.of();
        }
    }

    /** The live children of a process, whichever of its threads started them. */
    public static List<ProcessIdentity> children(long pid) throws IOException {
        List<ProcessIdentity> children = new ArrayList<>();
        for (long candidate : pids()) {
            ProcessIdentity.Stat.read(candidate)
                    .filter(stat -> stat.parent() == pid && !stat.ended())
                    .ifPresent(stat -> children.add(new ProcessIdentity(candidate, stat.startTicks())));
        }
        return children;
    }

    /** Whether a process has a child that has ended, of which it has not taken note: a zombie. */
    public static boolean hasZombie(ProcessIdentity process) throws IOException {
        for (long candidate : pids()) {
            if (ProcessIdentity.Stat.read(candidate)
                    .filter(stat -> stat.parent() == process.pid() && stat.ended())
                    .isPresent()) {
                return true;
            }
        }
        return false;
    }

    /** A process and the live ones that descend from it, itself first; empty when it has ended. */
    public static List<ProcessIdentity> tree(ProcessIdentity root) throws IOException {
        Map<Long, List<ProcessIdentity>> byParent = new HashMap<>();
        for (long pid : pids()) {
            ProcessIdentity.Stat.read(pid)
                    .filter(stat -> !stat.ended())
                    .ifPresent(stat -> byParent.computeIfAbsent(stat.parent(), parent -> new ArrayList<>())
                            .add(new ProcessIdentity(pid, stat.startTicks())));
        }
        List<ProcessIdentity> tree = new ArrayList<>();
        if (root.isAlive()) {
            tree.add(root);
        }
        for (int i = 0; i < tree.size(); i++) {
            tree.addAll(byParent.getOrDefault(tree.get(i).pid(), List.of()));
        }
        return tree;
    }

    /**
     * Sends a signal to whatever process has this number now.
     *
     * @return whether there was one
     * @throws LinuxException if it may not be signalled
     */
    public static boolean kill(long pid, int signal) throws LinuxException {
        return sent(LibC.kill((int) pid, signal), pid, signal);
    }

    /**
     * Sends a signal to exactly this process; a later one with its number is not hit.
     *
     * @return whether it was still there
     * @throws LinuxException if it may not be signalled
     */
    public static boolean kill(ProcessIdentity process, int signal) throws IOException {
        long fd = LibC.syscall(LibC.SYS_PIDFD_OPEN, process.pid(), 0, 0, 0);
        if (fd == -1) {
            return process.isAlive() && kill(process.pid(), signal);
        }
        try (Descriptor handle = new Descriptor((int) fd)) {
            return process.isAlive()
                    && sent(
                            LibC.syscall(LibC.SYS_PIDFD_SEND_SIGNAL, handle.number(), signal, 0, 0),
                            process.pid(),
                            signal);
        }
    }

    /**
     * Waits until a process, which need not be a child, has ended. A zombie has.
     *
     * @return false when the time is up
     */
    public static boolean awaitEnd(ProcessIdentity process, Duration timeout) throws IOException, InterruptedException {
        return ProcessEnd.await(process.pid(), timeout, () -> !process.isAlive());
    }

    private static boolean sent(long result, long pid, int signal) throws LinuxException {
        if (result == -1 && LibC.errno() != Errno.ESRCH) {
            throw LibC.failure("send signal " + signal + " to process " + pid);
        }
        return result != -1;
    }

    private static List<Long> pids() throws IOException {
        List<Long> pids = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path entry : entries) {
                pids.add(Long.parseLong(entry.toString().substring("/proc/".length())));
            }
        }
        return pids;
    }

    private static String utf8(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}

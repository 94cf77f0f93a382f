package dev.ctr.criu.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/** Looks into a namespace of other processes, without a process of its own in it. */
public final class SharedNamespace {
    private static final Path NAMES = Path.of("/proc/sys/kernel");

    /** The System V objects of the reader's IPC namespace (proc(5)): a heading, and a line for each. */
    private static final List<Path> OBJECTS =
            List.of(Path.of("/proc/sysvipc/shm"), Path.of("/proc/sysvipc/msg"), Path.of("/proc/sysvipc/sem"));

    private SharedNamespace() {}

    /**
     * By what names the processes of a UTS namespace go.
     *
     * @param host what uname(2) tells as the node
     * @param domain the NIS domain
     */
    public record HostNames(String host, String domain) {}

    /** The names that a UTS namespace, such as {@code /proc/PID/ns/uts}, has at present. */
    public static HostNames hostNames(Path namespace) throws IOException, InterruptedException {
        return inside(
                namespace,
                () -> new HostNames(
                        Files.readString(NAMES.resolve("hostname")).strip(),
                        Files.readString(NAMES.resolve("domainname")).strip()));
    }

    /** Whether an IPC namespace, such as {@code /proc/PID/ns/ipc}, has shared memory, message queues or semaphores of System V. */
    public static boolean hasIpcObjects(Path namespace) throws IOException, InterruptedException {
        return inside(namespace, () -> {
            for (Path objects : OBJECTS) {
                if (Files.exists(objects) && Files.readAllLines(objects).size() > 1) {
                    return true;
                }
            }
            return false;
        });
    }

    private static <T> T inside(Path namespace, Callable<T> action) throws IOException, InterruptedException {
        return NamespaceThread.call(() -> {
            try (Descriptor descriptor = Descriptor.open(namespace, LibC.O_RDONLY)) {
                if (LibC.setns(descriptor.number(), 0) == -1) {
                    throw LibC.failure("enter the namespace " + namespace);
                }
            }
            return action.call();
        });
    }
}

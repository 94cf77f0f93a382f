package dev.ctr.criu.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/**
 * Network namespaces that are kept alive by a bind mount on a file, as ip-netns(8) and CNI keep them.
 *
 * <p>A namespace belongs to a thread. Whatever enters one does so on a thread of its own, which ends afterwards.
 */
public final class NetworkNamespace {
    private static final Path OWN = Path.of("/proc/thread-self/ns/net");

    private NetworkNamespace() {}

    /**
     * Makes a new network namespace and keeps it at {@code file}, which must not exist; its directory must. The namespace has
     * one interface, {@code lo}, which is down. On failure no file stays.
     *
     * @throws java.nio.file.FileAlreadyExistsException if the file exists
     */
    public static void create(Path file) throws IOException, InterruptedException {
        Files.createFile(file);
        try {
            callInNew(() -> {
                Mounts.bind(OWN, file);
                return file;
            });
        } catch (IOException | InterruptedException | RuntimeException e) {
            delete(file);
            throw e;
        }
    }

    /**
     * Lets go of the namespace at {@code file} and removes the file. The namespace ends with its last user. A file that does
     * not exist or on which nothing is mounted is no error.
     */
    public static void delete(Path file) throws IOException {
        Mounts.detach(file);
        Files.deleteIfExists(file);
    }

    /**
     * Runs {@code action} inside the namespace at {@code file}, a bind mount or a {@code /proc/PID/ns/net}. Sockets that it
     * opens stay in that namespace. Threads that it starts are in it too. {@code /proc/net} still shows the process's own
     * namespace, and so does {@link java.net.NetworkInterface}, in part; {@code /proc/thread-self/net} shows this one.
     *
     * @throws IOException what the action throws; a checked exception of another kind is the cause of one
     */
    public static <T> T call(Path file, Callable<T> action) throws IOException, InterruptedException {
        return NamespaceThread.call(() -> {
            try (Descriptor namespace = Descriptor.open(file, LibC.O_RDONLY)) {
                if (LibC.setns(namespace.number(), LibC.CLONE_NEWNET) == -1) {
                    throw LibC.failure("enter the network namespace " + file);
                }
            }
            return action.call();
        });
    }

    /** Runs {@code action} inside a new network namespace, which ends with it unless the action keeps it. */
    static <T> T callInNew(Callable<T> action) throws IOException, InterruptedException {
        return NamespaceThread.call(() -> {
            if (LibC.unshare(LibC.CLONE_NEWNET) == -1) {
                throw LibC.failure("make a network namespace");
            }
            return action.call();
        });
    }

    /** The inode of the calling thread's network namespace, which identifies it on this host. */
    public static long currentInode() throws IOException {
        return inode(OWN);
    }

    /** The inode of the namespace at {@code file}, a bind mount or a {@code /proc/PID/ns/net}. */
    public static long inode(Path file) throws IOException {
        return ((Number) Files.getAttribute(file, "unix:ino")).longValue();
    }
}

package dev.ctr.criu.linux;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Descriptors that this process was started with, beyond its standard streams. What the JVM has opened itself is never
 * taken for one of them.
 *
 * @param descriptors copies of descriptors 3, 4, …, in order
 */
public record InheritedDescriptors(List<Descriptor> descriptors) implements Closeable {
    private static final int FIRST = 3;

    /**
     * Copies the first ones.
     *
     * @throws LinuxException if this process was started with fewer
     */
    public static InheritedDescriptors first(int count) throws IOException {
        List<Descriptor> copies = new ArrayList<>();
        InheritedDescriptors inherited = new InheritedDescriptors(copies);
        try {
            for (int number = FIRST; number < FIRST + count; number++) {
                if (!isInherited(number)) {
                    throw new LinuxException(
                            "preserve file descriptors",
                            "file descriptor " + number
                                    + " is not available - the preserve-fds option requires that file descriptors must be passed",
                            Errno.EBADF);
                }
                copies.add(copy(number));
            }
            return new InheritedDescriptors(List.copyOf(copies));
        } catch (IOException e) {
            try (inherited) {
                throw e;
            }
        }
    }

    /** The JVM opens its own files close-on-exec, except those of its installation. */
    private static boolean isInherited(int number) throws IOException {
        int flags = LibC.fcntl(number, LibC.F_GETFD, 0);
        if (flags == -1 || (flags & LibC.FD_CLOEXEC) != 0) {
            return false;
        }
        Path file = Files.readSymbolicLink(Path.of("/proc/self/fd", Integer.toString(number)));
        return !file.startsWith(Path.of(System.getProperty("java.home")).toRealPath());
    }

    private static Descriptor copy(int number) throws LinuxException {
        int copy = LibC.fcntl(number, LibC.F_DUPFD_CLOEXEC, FIRST);
        if (copy == -1) {
            throw LibC.failure("copy descriptor " + number);
        }
        return new Descriptor(copy);
    }

    @Override
    public void close() throws IOException {
        for (Descriptor descriptor : descriptors) {
            descriptor.close();
        }
    }
}

package dev.ctr.criu.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A connected Unix socket. */
public final class UnixSocket extends Descriptor {
    private static final int ADDRESS_SIZE = 110;
    private static final int LONGEST_PATH = 107;

    UnixSocket(int number) {
        super(number);
    }

    /**
     * Connects to a socket that keeps packets apart (SOCK_SEQPACKET), such as conmon's attach socket. The path may be longer
     * than the 107 bytes that an address holds; only its last name may not.
     *
     * @throws LinuxException if there is no such socket or nobody listens
     */
    public static UnixSocket connectSequenced(Path path) throws IOException {
        return connect(path, LibC.SOCK_SEQPACKET);
    }

    /**
     * Connects to a socket that takes single messages (SOCK_DGRAM), such as systemd's notification socket.
     *
     * @throws LinuxException if there is no such socket
     */
    public static UnixSocket connectDatagram(Path path) throws IOException {
        return connect(path, LibC.SOCK_DGRAM);
    }

    private static UnixSocket connect(Path path, int type) throws IOException {
        int fd = LibC.socket(LibC.AF_UNIX, type | LibC.SOCK_CLOEXEC, 0);
        if (fd == -1) {
            throw LibC.failure("make a socket");
        }
        UnixSocket socket = new UnixSocket(fd);
        try {
            socket.connect(path);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Ends what the peer can read; reading goes on. */
    public void shutdownWrite() throws IOException {
        shutdown(LibC.SHUT_WR);
    }

    /**
     * Ends both directions at once, for every copy of this socket in any process; threads that wait in a read or a write
     * return.
     */
    public void shutdown() throws IOException {
        shutdown(LibC.SHUT_RDWR);
    }

    private void shutdown(int how) throws IOException {
        enter();
        try {
            if (LibC.shutdown(number(), how) == -1) {
                throw LibC.failure("shut down socket " + number());
            }
        } finally {
            leave();
        }
    }

    private void connect(Path path) throws IOException {
        Path absolute = path.toAbsolutePath();
        Path directory = absolute.getParent();
        if (directory == null || PathBytes.of(absolute).length <= LONGEST_PATH) {
            connect(absolute, path);
            return;
        }
        try (Descriptor parent = open(directory, LibC.O_PATH | LibC.O_DIRECTORY)) {
            connect(Path.of("/proc/self/fd/" + parent.number()).resolve(nameOf(absolute)), path);
        }
    }

    private static Path nameOf(Path path) {
        @Nullable Path name = path.getFileName();
        return name == null ? path : name;
    }

    private void connect(Path reachable, Path shown) throws LinuxException {
        byte[] name = PathBytes.of(reachable);
        if (name.length > LONGEST_PATH) {
            throw new LinuxException("connect to " + shown, "the socket's name is too long", Errno.ENAMETOOLONG);
        }
        byte[] address = ByteBuffer.allocate(ADDRESS_SIZE)
                .order(ByteOrder.nativeOrder())
                .putShort((short) LibC.AF_UNIX)
                .put(name)
                .array();
        if (LibC.restarting(() -> LibC.connect(number(), address, address.length)) == -1) {
            throw LibC.failure("connect to " + shown);
        }
    }
}

package dev.ctr.criu.linux;

import java.io.Closeable;
import java.io.IOException;

/**
 * Two Unix sockets that are connected to each other.
 *
 * @param first one end, usually kept
 * @param second the other, usually passed to a child
 */
public record SocketPair(UnixSocket first, UnixSocket second) implements Closeable {
    /** Two sockets that keep packets apart (SOCK_SEQPACKET), as conmon wants for its pipes. */
    public static SocketPair sequencedPackets() throws LinuxException {
        return open(LibC.SOCK_SEQPACKET);
    }

    /** Two stream sockets. */
    public static SocketPair streams() throws LinuxException {
        return open(LibC.SOCK_STREAM);
    }

    private static SocketPair open(int type) throws LinuxException {
        int[] ends = new int[2];
        if (LibC.socketpair(LibC.AF_UNIX, type | LibC.SOCK_CLOEXEC, 0, ends) == -1) {
            throw LibC.failure("make a pair of sockets");
        }
        return new SocketPair(new UnixSocket(ends[0]), new UnixSocket(ends[1]));
    }

    @Override
    public void close() throws IOException {
        try (first;
                second) {
            // Closing is all.
        }
    }
}

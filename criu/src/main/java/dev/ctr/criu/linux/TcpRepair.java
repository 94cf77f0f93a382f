package dev.ctr.criu.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/**
 * The state in which CRIU puts TCP sockets to look into them. It outlasts a CRIU that is killed, and a socket in it carries nothing: the
 * program's next call fails (kernel, {@code tcp_recvmsg} and {@code tcp_sendmsg} with {@code TCP_REPAIR}).
 */
public final class TcpRepair {
    private TcpRepair() {}

    /**
     * Takes every socket of a process out of it, from outside (pidfd_getfd(2), Linux 5.6). The process may be frozen, and should be:
     * once it has met with such a socket it has given it up.
     *
     * @return how many there were
     */
    public static int end(ProcessIdentity process) throws IOException {
        long handle = LibC.syscall(LibC.SYS_PIDFD_OPEN, process.pid(), 0, 0, 0);
        if (handle == -1) {
            return 0;
        }
        int ended = 0;
        try (Descriptor pidfd = new Descriptor((int) handle);
                DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/fd"))) {
            for (Path file : files) {
                if (isSocket(file)
                        && end(pidfd, Integer.parseInt(file.getFileName().toString()))) {
                    ended++;
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return ended;
        }
        return ended;
    }

    private static boolean isSocket(Path file) throws IOException {
        try {
            return Files.readSymbolicLink(file).toString().startsWith("socket:");
        } catch (NoSuchFileException closed) {
            return false;
        }
    }

    private static boolean end(Descriptor pidfd, int number) throws IOException {
        long copy = LibC.syscall(LibC.SYS_PIDFD_GETFD, pidfd.number(), number, 0, 0);
        if (copy == -1) {
            return false;
        }
        try (Descriptor socket = new Descriptor((int) copy)) {
            int[] repaired = new int[1];
            boolean isTcp = LibC.getsockopt(
                            socket.number(), LibC.IPPROTO_TCP, LibC.TCP_REPAIR, repaired, new int[] {Integer.BYTES})
                    == 0;
            if (!isTcp || repaired[0] == 0) {
                return false;
            }
            if (LibC.setsockopt(socket.number(), LibC.IPPROTO_TCP, LibC.TCP_REPAIR, new int[1], Integer.BYTES) == -1) {
                throw LibC.failure("take a socket out of repair");
            }
            return true;
        }
    }
}

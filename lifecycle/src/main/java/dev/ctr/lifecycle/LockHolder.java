package dev.ctr.lifecycle;

import dev.ctr.criu.linux.ProcessIdentity;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The process that has a {@link LockFile}, as {@code /proc/locks} (proc_locks(5)) tells.
 *
 * @param pid its number
 * @param stopped whether it stands still, as by SIGSTOP
 */
record LockHolder(long pid, boolean stopped) {
    private static final int KIND = 1;
    private static final int PID = 4;
    private static final int INODE = 5;

    /** Empty if nobody has the lock, or nobody that is to be seen from here. */
    static Optional<LockHolder> of(Path file) throws IOException {
        String inode = ":" + Files.getAttribute(file, "unix:ino");
        for (String line : Files.readAllLines(Path.of("/proc/locks"))) {
            String[] fields = line.split(" +", -1);
            if (fields.length > INODE && fields[KIND].equals("POSIX") && fields[INODE].endsWith(inode)) {
                long pid = Long.parseLong(fields[PID]);
                if (hasOpen(pid, file)) {
                    return ProcessIdentity.of(pid).map(process -> new LockHolder(pid, process.isStopped()));
                }
            }
        }
        return Optional.empty();
    }

    /** Files of two file systems can have one number. */
    private static boolean hasOpen(long pid, Path file) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
            for (Path descriptor : descriptors) {
                if (Files.isSameFile(descriptor, file)) {
                    return true;
                }
            }
        } catch (IOException ended) {
            return false;
        }
        return false;
    }
}

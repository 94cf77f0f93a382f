package dev.ctr.archive;

import dev.ctr.criu.linux.Errno;
import dev.ctr.criu.linux.LinuxException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;

/** Makes new files and directories, readable by their owner alone until their attributes are set. */
final class FileWriter {
    private static final int BUFFER = 1 << 18;

    /** Runs of zeros are left out of the file in units of this size, so that a sparse file stays sparse. */
    private static final int HOLE = 1 << 16;

    /** Smaller files are written without asking for room: to ask costs a system call. */
    private static final long CHECKED_FROM = 1 << 20;

    private static final byte[] ZEROS = new byte[HOLE];
    private static final Set<OpenOption> NEW_FILE =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private FileWriter() {}

    /** Writes a new file of this size; fails if there is one, or anything else of that name. */
    static void write(Path place, InputStream content, long size) throws IOException {
        refuseWithoutRoom(place, size);
        try (FileChannel file = FileChannel.open(place, NEW_FILE, OWNER_ONLY)) {
            byte[] buffer = new byte[(int) Math.max(1, Math.min(BUFFER, size))];
            long written = 0;
            while (written < size) {
                int filled = content.readNBytes(buffer, 0, (int) Math.min(buffer.length, size - written));
                writeWithHoles(file, buffer, filled, written);
                written += filled;
            }
            if (file.size() < size) {
                file.write(ByteBuffer.wrap(ZEROS, 0, 1), size - 1);
            }
        }
    }

    /** What is announced must fit before any of it is written. */
    private static void refuseWithoutRoom(Path place, long size) throws IOException {
        Path directory = place.getParent();
        if (size < CHECKED_FROM || directory == null) {
            return;
        }
        long room = directory.toFile().getUsableSpace();
        if (room > 0 && size > room) {
            throw new IOException("it has %d bytes, and the disk has room for %d".formatted(size, room));
        }
    }

    /** Makes a directory; fails if there is anything of that name. */
    static void makeDirectory(Path place) throws IOException {
        Files.createDirectory(place, OWNER_ONLY_DIRECTORY);
    }

    /** Whether making something failed because its name was taken. */
    static boolean isInTheWay(IOException e) {
        return e instanceof FileAlreadyExistsException
                || (e instanceof LinuxException linux && linux.errno() == Errno.EEXIST);
    }

    private static void writeWithHoles(FileChannel file, byte[] buffer, int filled, long position) throws IOException {
        for (int at = 0; at < filled; at += HOLE) {
            int length = Math.min(HOLE, filled - at);
            if (Arrays.equals(buffer, at, at + length, ZEROS, 0, length)) {
                continue;
            }
            ByteBuffer piece = ByteBuffer.wrap(buffer, at, length);
            while (piece.hasRemaining()) {
                file.write(piece, position + piece.position());
            }
        }
    }
}

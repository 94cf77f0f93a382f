package dev.ctr.lifecycle;

import dev.ctr.criu.linux.DirectoryDescriptor;
import dev.ctr.criu.linux.Errno;
import dev.ctr.criu.linux.LinuxException;
import dev.ctr.criu.linux.PathBytes;
import dev.ctr.criu.linux.PinnedFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Where a path leads below a root directory, links followed as for a process with that root: a directory, held open, and a name in
 * it, which is no link. Whatever happens to the tree meanwhile, what is done to the name is done inside the root.
 *
 * @param directory the directory
 * @param name one name, of something that may or may not exist; {@code .} for the directory itself
 */
record FilePlace(DirectoryDescriptor directory, Path name) implements AutoCloseable {
    private static final Path ITSELF = Path.of(".");

    /** As the kernel has it (path_resolution(7)). */
    private static final int MOST_LINKS = 40;

    /**
     * Follows a path.
     *
     * @throws LinuxException if a directory on the way is missing or none
     */
    static FilePlace resolve(DirectoryDescriptor root, String path) throws IOException {
        Path asked = path(path);
        for (int links = 0; links <= MOST_LINKS; links++) {
            Path last = asked.getFileName();
            if (last == null
                    || last.toString().equals(".")
                    || last.toString().equals("..")
                    || last.toString().isEmpty()) {
                return new FilePlace(root.descend(asked), ITSELF);
            }
            Path parent = asked.getParent() == null ? Path.of("/") : asked.getParent();
            DirectoryDescriptor directory = root.descend(parent);
            Path place = directory.path().resolve(last);
            if (!Files.isSymbolicLink(place)) {
                return new FilePlace(directory, last);
            }
            try (directory) {
                asked = parent.resolve(Files.readSymbolicLink(place));
            }
        }
        throw new FileSystemLoopException(path);
    }

    /** A path as the caller gave it. */
    static Path path(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new EngineException(EngineException.Code.INVALID_ARGUMENT, "a path cannot have a NUL character");
        }
        return PathBytes.path(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether an exception says that a path leads to nothing. */
    static boolean isMissing(IOException e) {
        return e instanceof NoSuchFileException
                || e instanceof FileSystemLoopException
                || (e instanceof LinuxException linux
                        && (linux.errno() == Errno.ENOENT
                                || linux.errno() == Errno.ENOTDIR
                                || linux.errno() == Errno.ELOOP));
    }

    /** Where to act on the name by calls that do not follow links. */
    private Path place() {
        return directory.path().resolve(name);
    }

    boolean exists() {
        return Files.exists(place(), LinkOption.NOFOLLOW_LINKS);
    }

    boolean isDirectory() {
        return Files.isDirectory(place(), LinkOption.NOFOLLOW_LINKS);
    }

    /** Holds what is there. */
    PinnedFile pin() throws IOException {
        return directory.pinWithoutLinks(name);
    }

    /** Opens the directory that is there. */
    DirectoryDescriptor descend() throws IOException {
        return directory.descendWithoutLinks(name);
    }

    /** The last part of its path with no links in it; empty for the root. */
    String baseName() throws IOException {
        if (!name.equals(ITSELF)) {
            return name.toString();
        }
        try (PinnedFile itself = directory.pin()) {
            Path last = itself.kernelPath().getFileName();
            return last == null ? "" : last.toString();
        }
    }

    @Override
    public void close() throws IOException {
        directory.close();
    }
}

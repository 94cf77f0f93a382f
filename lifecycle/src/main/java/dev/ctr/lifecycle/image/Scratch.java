package dev.ctr.lifecycle.image;

import dev.ctr.criu.linux.Trees;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Directories for work in progress. Each belongs to one operation, which holds a lock on the file beside it; a directory
 * whose lock is free belongs to an operation that died, and goes when the next one begins.
 */
final class Scratch {
    private static final String LOCK_SUFFIX = ".lock";

    /** Locks held by this process. It must not open these files again: closing any descriptor of one gives up its lock. */
    private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

    private final Path parent;

    Scratch(Path parent) {
        this.parent = parent;
    }

    /** Removes what dead operations left, then makes a directory that lives until it is closed. */
    Area open() throws IOException {
        Files.createDirectories(parent);
        Path place = parent.toRealPath();
        removeLeftovers(place);
        while (true) {
            Path lockFile = place.resolve(UUID.randomUUID() + LOCK_SUFFIX);
            HELD_HERE.add(lockFile);
            try {
                Optional<Area> area = tryOpen(lockFile);
                if (area.isPresent()) {
                    return area.get();
                }
                HELD_HERE.remove(lockFile);
            } catch (IOException | RuntimeException e) {
                HELD_HERE.remove(lockFile);
                throw e;
            }
        }
    }

    /** Empty when another process took the new file for a leftover before it was locked. */
    private static Optional<Area> tryOpen(Path lockFile) throws IOException {
        FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            channel.lock();
            if (Files.exists(lockFile)) {
                Path directory = directoryOf(lockFile);
                Files.createDirectory(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                return Optional.of(new Area(directory, lockFile, channel));
            }
            channel.close();
            return Optional.empty();
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static void removeLeftovers(Path place) throws IOException {
        try (DirectoryStream<Path> locks = Files.newDirectoryStream(place, "*" + LOCK_SUFFIX)) {
            for (Path lockFile : locks) {
                if (!HELD_HERE.contains(lockFile)) {
                    removeIfLeftOver(lockFile);
                }
            }
        }
    }

    private static void removeIfLeftOver(Path lockFile) throws IOException {
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock != null) {
                remove(lockFile);
            }
        } catch (NoSuchFileException e) {
            // Its owner, or another process that tidies up, was faster.
        }
    }

    /** The lock file goes last, so that a directory never lacks one. */
    private static void remove(Path lockFile) throws IOException {
        Trees.delete(directoryOf(lockFile));
        Files.deleteIfExists(lockFile);
    }

    private static Path directoryOf(Path lockFile) {
        String name = lockFile.getFileName().toString();
        return lockFile.resolveSibling(name.substring(0, name.length() - LOCK_SUFFIX.length()));
    }

    /** One operation's directory. */
    static final class Area implements AutoCloseable {
        private final Path directory;
        private final Path lockFile;
        private final FileChannel channel;

        private Area(Path directory, Path lockFile, FileChannel channel) {
            this.directory = directory;
            this.lockFile = lockFile;
            this.channel = channel;
        }

        Path directory() {
            return directory;
        }

        @Override
        public void close() throws IOException {
            try {
                remove(lockFile);
            } finally {
                channel.close();
                HELD_HERE.remove(lockFile);
            }
        }
    }
}

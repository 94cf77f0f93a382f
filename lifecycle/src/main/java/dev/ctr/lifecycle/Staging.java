package dev.ctr.lifecycle;

import dev.ctr.criu.linux.Trees;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * A directory below the root for what is not yet a container. It is locked while its owner lives; the next import deletes
 * those whose owner has died.
 */
final class Staging implements AutoCloseable {
    private static final String LOCK = ".lock";

    private final Path directory;
    private final LockFile lock;

    private Staging(Path directory, LockFile lock) {
        this.directory = directory;
        this.lock = lock;
    }

    static Staging create(Path root) throws IOException {
        sweep(root);
        Path all = all(root);
        Files.createDirectories(all);
        Path directory = all.resolve("import-" + UUID.randomUUID());
        LockFile lock = LockFile.acquire(lockOf(directory));
        Files.createDirectory(directory);
        return new Staging(directory, lock);
    }

    private static Path all(Path root) {
        return root.resolve("staging");
    }

    private static Path lockOf(Path directory) {
        return directory.resolveSibling(directory.getFileName() + LOCK);
    }

    /** Deletes what imports that died have left. Not for a thread that has a staging directory itself. */
    static void sweep(Path root) throws IOException {
        if (!Files.isDirectory(all(root))) {
            return;
        }
        try (DirectoryStream<Path> locks = Files.newDirectoryStream(all(root), "import-*" + LOCK)) {
            for (Path lock : locks) {
                Optional<LockFile> free = LockFile.tryAcquire(lock);
                if (free.isPresent()) {
                    try (LockFile ignored = free.get()) {
                        String name = lock.getFileName().toString();
                        Trees.delete(lock.resolveSibling(name.substring(0, name.length() - LOCK.length())));
                        Files.deleteIfExists(lock);
                    }
                }
            }
        }
    }

    Path directory() {
        return directory;
    }

    @Override
    public void close() throws IOException {
        try (lock) {
            Trees.delete(directory);
            Files.deleteIfExists(lockOf(directory));
        }
    }
}

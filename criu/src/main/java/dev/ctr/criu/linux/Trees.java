package dev.ctr.criu.linux;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Whole directory trees. */
public final class Trees {
    /** Deeper directories are first moved to the top, so that neither descriptors nor the stack limit the depth. */
    private static final int DEEPEST = 100;

    /** How often a deletion is begun again because another one was ahead of it. */
    private static final int PATIENCE = 100;

    private Trees() {}

    /**
     * Deletes a directory and everything below it, or a file. Links are deleted, never followed. Nothing is deleted on
     * another mount: if something is mounted at or below the directory, the call fails before it deletes anything, and a mount
     * that appears later stops it (the kernel refuses to enter it). A missing path is no error, and others may delete the same at
     * the same time.
     *
     * @throws IOException if something is mounted there, naming the mount point, or a file cannot be deleted
     */
    public static void delete(Path directory) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                deleteTree(directory);
                return;
            } catch (IOException e) {
                if (attempt == PATIENCE || !isGone(e)) {
                    throw e;
                }
            }
        }
    }

    /** Whether somebody else has deleted what was found a moment before. */
    private static boolean isGone(IOException failure) {
        return failure instanceof NoSuchFileException
                || (failure instanceof LinuxException e && e.errno() == Errno.ENOENT);
    }

    private static void deleteTree(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(directory);
            return;
        }
        List<Mount> mounts = Mounts.atOrBelow(directory.toRealPath());
        if (!mounts.isEmpty()) {
            throw new IOException("Cannot delete " + directory + ": "
                    + mounts.get(0).mountPoint() + " is a mount point; unmount it first");
        }
        try (DirectoryDescriptor top = DirectoryDescriptor.open(directory)) {
            new Deletion(top).run();
        }
        Files.deleteIfExists(directory);
    }

    /**
     * Deletes what has a name in a directory, with everything below it, although others may be renaming things there: only what is
     * found in that very directory, and nothing on another mount. A missing name is no error.
     *
     * @throws IOException if something is mounted there; what was deleted before that was found stays deleted
     */
    public static void delete(DirectoryDescriptor directory, Path name) throws IOException {
        Path place = directory.path().resolve(name);
        if (Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryDescriptor top = Deletion.descend(directory, name)) {
                new Deletion(top).run();
            }
        }
        Files.deleteIfExists(place);
    }

    /** One run over a tree, depth first. */
    private static final class Deletion {
        private final DirectoryDescriptor top;
        private final Deque<Path> moved = new ArrayDeque<>();
        private int movedCount;

        Deletion(DirectoryDescriptor top) {
            this.top = top;
        }

        void run() throws IOException {
            empty(top, 0);
            while (!moved.isEmpty()) {
                Path name = moved.pop();
                try (DirectoryDescriptor subtree = top.descendWithinMount(name)) {
                    empty(subtree, 1);
                }
                Files.deleteIfExists(top.path().resolve(name));
            }
        }

        private void empty(DirectoryDescriptor directory, int depth) throws IOException {
            List<Path> subdirectories = deleteFiles(directory);
            for (Path name : subdirectories) {
                if (depth == DEEPEST) {
                    moveToTop(directory, name);
                    continue;
                }
                try (DirectoryDescriptor subdirectory = descend(directory, name)) {
                    empty(subdirectory, depth + 1);
                }
                deleteEntry(directory, name);
            }
        }

        private static DirectoryDescriptor descend(DirectoryDescriptor directory, Path name) throws IOException {
            try {
                return directory.descendWithinMount(name);
            } catch (LinuxException e) {
                if (e.errno() == Errno.EXDEV) {
                    throw new IOException(
                            "Cannot delete " + directory.shownPath().resolve(name)
                                    + ": it has just become a mount point; unmount it first",
                            e);
                }
                throw e;
            }
        }

        /** Deletes what can be deleted at once; returns the directories that have something in them. */
        private static List<Path> deleteFiles(DirectoryDescriptor directory) throws IOException {
            List<Path> rest = new ArrayList<>();
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory.path())) {
                for (Path entry : entries) {
                    Path name = directory.path().relativize(entry);
                    try {
                        deleteEntry(directory, name);
                    } catch (DirectoryNotEmptyException e) {
                        rest.add(name);
                    }
                }
            }
            return rest;
        }

        private static void deleteEntry(DirectoryDescriptor directory, Path name) throws IOException {
            try {
                Files.deleteIfExists(directory.path().resolve(name));
            } catch (DirectoryNotEmptyException | NoSuchFileException e) {
                throw e;
            } catch (FileSystemException e) {
                throw new IOException("Cannot delete " + directory.shownPath().resolve(name) + ": " + e.getReason(), e);
            }
        }

        private void moveToTop(DirectoryDescriptor directory, Path name) throws IOException {
            Path place;
            do {
                place = Path.of(".deleted-" + movedCount++);
            } while (Files.exists(top.path().resolve(place), LinkOption.NOFOLLOW_LINKS));
            Files.move(directory.path().resolve(name), top.path().resolve(place));
            moved.push(place);
        }
    }
}

package dev.ctr.archive;

import dev.ctr.criu.linux.DirectoryDescriptor;
import dev.ctr.criu.linux.Errno;
import dev.ctr.criu.linux.LinuxException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Walks over a directory tree by descriptors, each directory before what is in it, in the order of names. No link is followed:
 * whoever renames things in the tree meanwhile cannot lead the walk out of it. What is removed meanwhile is left out.
 */
final class TreeWalk {
    /** A descriptor is held for every level. */
    private static final int DEEPEST = 2000;

    private final Visitor visitor;
    private final long device;
    private final boolean acrossMounts;

    /** Is told of each file. */
    @FunctionalInterface
    interface Visitor {
        /**
         * Takes a file or directory.
         *
         * @param path where it is, relative to the top
         * @param directory the directory it is in, open while this call lasts
         * @param name its name there
         */
        void visit(String path, DirectoryDescriptor directory, Path name, FileStatus status) throws IOException;
    }

    private TreeWalk(Visitor visitor, long device, boolean acrossMounts) {
        this.visitor = visitor;
        this.device = device;
        this.acrossMounts = acrossMounts;
    }

    /**
     * Visits everything below a directory.
     *
     * @param acrossMounts whether to go into file systems mounted below, except the kernel's own; mount points are visited anyway
     */
    static void below(DirectoryDescriptor top, boolean acrossMounts, Visitor visitor) throws IOException {
        long device = FileStatus.of(top.path().resolve(".")).device();
        new TreeWalk(visitor, device, acrossMounts).walk(top, "", 0);
    }

    private void walk(DirectoryDescriptor directory, String prefix, int depth) throws IOException {
        if (depth > DEEPEST) {
            throw new IOException("cannot archive %s: directories are nested deeper than %d"
                    .formatted(directory.shownPath(), DEEPEST));
        }
        for (Path name : names(directory)) {
            String path = prefix + FileNames.of(name);
            try {
                FileStatus status = FileStatus.of(directory.path().resolve(name));
                visitor.visit(path, directory, name, status);
                if (status.isDirectory()) {
                    enter(directory, name, path + "/", depth + 1);
                }
            } catch (NoSuchFileException removedMeanwhile) {
                // As if it had been removed before the directory was listed.
            } catch (LinuxException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw e;
                }
            }
        }
    }

    private void enter(DirectoryDescriptor directory, Path name, String prefix, int depth) throws IOException {
        DirectoryDescriptor child;
        try {
            child = directory.descendWithoutLinks(name);
        } catch (LinuxException e) {
            if (ConfinedTree.isNoDirectory(e)) {
                return;
            }
            throw e;
        }
        try (child) {
            boolean sameFileSystem = FileStatus.of(child.path().resolve(".")).device() == device;
            if (sameFileSystem || (acrossMounts && !child.isOfKernel())) {
                walk(child, prefix, depth);
            }
        }
    }

    /** The names in a directory, sorted. */
    static List<Path> names(DirectoryDescriptor directory) throws IOException {
        List<Path> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory.path())) {
            for (Path entry : entries) {
                names.add(entry.getFileName());
            }
        }
        names.sort(Comparator.naturalOrder());
        return names;
    }
}

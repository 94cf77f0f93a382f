package dev.ctr.archive;

import dev.ctr.criu.linux.DirectoryDescriptor;
import dev.ctr.criu.linux.Errno;
import dev.ctr.criu.linux.FileNodes;
import dev.ctr.criu.linux.LinuxException;
import dev.ctr.criu.linux.Trees;
import dev.ctr.criu.linux.Xattrs;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A directory tree that is written to by names from outside, such that nothing outside of it is touched: the directory of every
 * name is opened as a process would see it whose root is the tree, and the name itself is never followed. Keeps the directory
 * that was used last open. Not for concurrent use.
 */
final class ConfinedTree implements Closeable {
    private static final int NEW_DIRECTORY_MODE = 0755;

    private final DirectoryDescriptor root;
    private EntryPath openPath = new EntryPath("");
    private @Nullable Parent open;

    private ConfinedTree(DirectoryDescriptor root) {
        this.root = root;
    }

    static ConfinedTree open(Path root) throws IOException {
        return new ConfinedTree(DirectoryDescriptor.open(root));
    }

    /** The tree below a directory that is open already, and stays so. */
    static ConfinedTree open(DirectoryDescriptor root) throws IOException {
        return new ConfinedTree(root.descend(Path.of("")));
    }

    /** Whether an exception says that a directory is missing or is something else. */
    static boolean isNoDirectory(IOException e) {
        return e instanceof LinuxException linux
                && (linux.errno() == Errno.ENOENT || linux.errno() == Errno.ENOTDIR || linux.errno() == Errno.ELOOP);
    }

    /** Where to act on a name; directories on the way are made if they are missing. Valid until the next call. */
    Path place(EntryPath path) throws IOException {
        return parent(path).resolve(path);
    }

    /** Where to act on a name, if the directory it is in exists. Valid until the next call. */
    Optional<Path> existingPlace(EntryPath path) throws IOException {
        try {
            return Optional.of(descend(path.parent()).resolve(path));
        } catch (LinuxException e) {
            if (isNoDirectory(e)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Whether new files in the directory of this name inherit an access control list. */
    boolean inheritsAcl(EntryPath path) throws IOException {
        return parent(path).hasDefaultAcl;
    }

    /** Removes what has this name; a directory with all that is in it, as far as nothing is mounted there. */
    void remove(EntryPath path) throws IOException {
        if (existingPlace(path).isPresent()) {
            Trees.delete(parent(path).descriptor, FileNames.path(path.name()));
            forgetOpen();
        }
    }

    /** Gives one more name to a file. Both names are inside; if the last part of the old one is a link, the link gets it. */
    void link(EntryPath existing, EntryPath added) throws IOException {
        Path from = existingPlace(existing).orElseThrow(() -> new NoSuchFileException(existing.value()));
        try (DirectoryDescriptor addedParent = directory(added.parent())) {
            Files.createLink(addedParent.path().resolve(FileNames.path(added.name())), from);
        }
    }

    private DirectoryDescriptor directory(EntryPath path) throws IOException {
        return path.isRoot() ? root.descend(Path.of("")) : root.descend(FileNames.path(path.value()));
    }

    private Parent parent(EntryPath path) throws IOException {
        EntryPath directory = path.parent();
        try {
            return descend(directory);
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT || directory.isRoot()) {
                throw e;
            }
            Path made = parent(directory).resolve(directory);
            Files.createDirectory(made);
            FileNodes.chmod(made, NEW_DIRECTORY_MODE);
            return descend(directory);
        }
    }

    private Parent descend(EntryPath directory) throws IOException {
        Parent known = open;
        if (known != null && openPath.equals(directory)) {
            return known;
        }
        DirectoryDescriptor descriptor = directory(directory);
        Parent found = new Parent(
                descriptor,
                Xattrs.get(descriptor.path().resolve("."), ExtendedAttributes.DEFAULT_ACL)
                        .isPresent());
        forgetOpen();
        open = found;
        openPath = directory;
        return found;
    }

    private void forgetOpen() throws IOException {
        if (open != null) {
            open.descriptor.close();
            open = null;
        }
    }

    @Override
    public void close() throws IOException {
        forgetOpen();
        root.close();
    }

    private record Parent(DirectoryDescriptor descriptor, boolean hasDefaultAcl) {
        Path resolve(EntryPath path) {
            return descriptor.path().resolve(FileNames.path(path.name()));
        }
    }
}

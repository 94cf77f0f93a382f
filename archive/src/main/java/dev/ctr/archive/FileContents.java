package dev.ctr.archive;

import dev.ctr.criu.linux.DirectoryDescriptor;
import dev.ctr.criu.linux.PinnedFile;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Copies the content of files below one directory, each in exactly the length that was announced. No link on the way to a file
 * is followed: whoever changes the tree meanwhile cannot make it copy a file from elsewhere.
 */
final class FileContents implements Closeable {
    private final Path root;
    private final DirectoryDescriptor top;
    private final ContentCopy contents = new ContentCopy();
    private String openPath = "";
    private @Nullable DirectoryDescriptor open;

    private FileContents(Path root, DirectoryDescriptor top) {
        this.root = root;
        this.top = top;
    }

    static FileContents below(Path root) throws IOException {
        return new FileContents(root, DirectoryDescriptor.open(root));
    }

    /**
     * Copies a file.
     *
     * @return a warning if there was not that much to copy: the rest is zeros
     */
    Optional<String> copy(String path, long size, OutputStream out) throws IOException {
        Path shown = root.resolve(FileNames.path(path));
        InputStream in;
        try {
            in = open(path);
        } catch (IOException e) {
            if (!isGone(e)) {
                throw new IOException("cannot archive %s: %s".formatted(shown, e.getMessage()), e);
            }
            ContentCopy.writeZeros(size, out);
            return Optional.of("%s was removed while it was archived: its content is zeros".formatted(shown));
        }
        try (in) {
            return contents.copy(in, shown.toString(), size, out);
        }
    }

    /** Opens a file for reading, if it is there and is one. */
    Optional<FileChannel> find(String path) throws IOException {
        try {
            return Optional.of(channel(path));
        } catch (IOException e) {
            if (isGone(e)) {
                return Optional.empty();
            }
            throw new IOException(
                    "cannot read %s: %s".formatted(root.resolve(FileNames.path(path)), e.getMessage()), e);
        }
    }

    private InputStream open(String path) throws IOException {
        return Channels.newInputStream(channel(path));
    }

    private FileChannel channel(String path) throws IOException {
        int slash = path.lastIndexOf('/');
        DirectoryDescriptor parent = parent(slash < 0 ? "" : path.substring(0, slash));
        try (PinnedFile pinned = parent.pinWithoutLinks(FileNames.path(path.substring(slash + 1)))) {
            if (!FileStatus.of(pinned).isRegular()) {
                throw new FileNotFoundException("it is no file any more");
            }
            return FileChannel.open(pinned.path(), StandardOpenOption.READ);
        }
    }

    private DirectoryDescriptor parent(String path) throws IOException {
        if (path.isEmpty()) {
            return top;
        }
        DirectoryDescriptor known = open;
        if (known != null && openPath.equals(path)) {
            return known;
        }
        DirectoryDescriptor found = top.descendWithoutLinks(FileNames.path(path));
        if (known != null) {
            known.close();
        }
        open = found;
        openPath = path;
        return found;
    }

    private static boolean isGone(IOException e) {
        return e instanceof FileNotFoundException || e instanceof NoSuchFileException || ConfinedTree.isNoDirectory(e);
    }

    @Override
    public void close() throws IOException {
        if (open != null) {
            open.close();
        }
        top.close();
    }
}

package dev.ctr.archive;

import dev.ctr.criu.linux.DirectoryDescriptor;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Copies the content of files below one directory, each in exactly the length that was announced. No link on the way to a file
 * is followed: whoever changes the tree meanwhile cannot make it copy a file from elsewhere.
 */
final class FileContents implements Closeable {
    private static final int BUFFER = 1 << 18;

    private final Path root;
    private final DirectoryDescriptor top;
    private final byte[] buffer = new byte[BUFFER];
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
            writeZeros(size, out);
            return Optional.of("%s was removed while it was archived: its content is zeros".formatted(shown));
        }
        try (in) {
            return copy(in, shown, size, out);
        }
    }

    private InputStream open(String path) throws IOException {
        int slash = path.lastIndexOf('/');
        Path file = parent(slash < 0 ? "" : path.substring(0, slash))
                .path()
                .resolve(FileNames.path(path.substring(slash + 1)));
        if (!FileStatus.of(file).isRegular()) {
            throw new FileNotFoundException("it is no file any more");
        }
        return Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
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

    private Optional<String> copy(InputStream in, Path shown, long size, OutputStream out) throws IOException {
        for (long left = size; left > 0; ) {
            int read;
            try {
                read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            } catch (IOException e) {
                throw new IOException("cannot read %s: %s".formatted(shown, e.getMessage()), e);
            }
            if (read < 0) {
                writeZeros(left, out);
                return Optional.of("%s became shorter by %d bytes while it was archived: the rest is zeros"
                        .formatted(shown, left));
            }
            out.write(buffer, 0, read);
            left -= read;
        }
        return Optional.empty();
    }

    private static void writeZeros(long count, OutputStream out) throws IOException {
        byte[] zeros = new byte[(int) Math.min(BUFFER, count)];
        for (long left = count; left > 0; left -= zeros.length) {
            out.write(zeros, 0, (int) Math.min(zeros.length, left));
        }
    }

    @Override
    public void close() throws IOException {
        if (open != null) {
            open.close();
        }
        top.close();
    }
}

package dev.ctr.archive.inspect;

import dev.ctr.archive.ArchivedEntry;
import dev.ctr.archive.ArchivedEntry.Kind;
import dev.ctr.archive.CheckpointLevels;
import dev.ctr.criu.image.CriuImageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** Unpacks those CRIU images that describe processes into a private directory, and leaves out those with their memory. */
final class ImageStaging {
    private static final Pattern KNOWN =
            Pattern.compile("(?:inventory|pstree|files|remap-fpath|memfd|tty-info|pipes-data"
                    + "|fifo-data|sk-queues|(?:core|ids|mm|fs|fdinfo|pagemap|pagemap-shmem|mountpoints|utsns)-[0-9]+"
                    + "|tcp-stream-[0-9a-f]+)\\.img");

    /** Images without memory of the largest containers have some hundred MiB. */
    private static final long MOST_BYTES = 4L << 30;

    private final Path directory;
    private long bytes;

    ImageStaging(Path directory) {
        this.directory = directory;
    }

    /** Unpacks an entry if it is one of those. */
    boolean takes(ArchivedEntry entry, InputStream content) throws IOException {
        Optional<CheckpointFile> image = CheckpointFile.of(entry.name());
        if (image.isEmpty()) {
            return false;
        }
        String name = image.get().name();
        Path level = directory.resolve(image.get().level());
        try {
            if (entry.kind() == Kind.LINK && name.equals(CheckpointLevels.PARENT)) {
                link(level, entry);
                return true;
            }
            if (entry.kind() != Kind.FILE || !KNOWN.matcher(name).matches()) {
                return false;
            }
            write(level.resolve(name), entry, content);
            return true;
        } catch (FileAlreadyExistsException e) {
            throw new CriuImageException(
                    "entry \"%s\" is there twice: do not trust this archive".formatted(entry.name()), e);
        }
    }

    private static void link(Path level, ArchivedEntry entry) throws IOException {
        if (!CheckpointLevels.mayLink(entry.name(), entry.linkName())) {
            throw new CriuImageException("entry \"%s\" is a link to \"%s\": do not trust this archive"
                    .formatted(entry.name(), entry.linkName()));
        }
        Files.createDirectories(level);
        Files.createSymbolicLink(level.resolve(CheckpointLevels.PARENT), Path.of(entry.linkName()));
    }

    private void write(Path image, ArchivedEntry entry, InputStream content) throws IOException {
        bytes += entry.size();
        if (bytes > MOST_BYTES) {
            throw new CriuImageException(
                    "the CRIU images without memory have more than %d bytes, at entry \"%s\": do not trust this archive"
                            .formatted(MOST_BYTES, entry.name()));
        }
        Files.createDirectories(image.getParent());
        Files.copy(content, image);
    }
}

package dev.ctr.lifecycle.image;

import dev.ctr.criu.linux.Durable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Set;

/** The blobs of the OCI layout: {@code blobs/sha256/HEX}. Callers hold the store's lock for whatever changes it. */
final class BlobStore {
    private final Path directory;

    BlobStore(Path directory) {
        this.directory = directory;
    }

    Path path(Digest digest) {
        return directory.resolve(digest.hex());
    }

    InputStream open(Digest digest) throws IOException {
        return Files.newInputStream(path(digest));
    }

    /** Reads a manifest or config and checks its digest; {@code what} names it in errors. */
    byte[] readJson(Digest digest, String what) throws IOException {
        byte[] content;
        try {
            content = ImageJson.read(path(digest), what);
        } catch (NoSuchFileException e) {
            throw ImageJson.bad(what, "the blob " + digest + " is missing: the store is damaged");
        }
        if (!Digest.of(content).equals(digest)) {
            throw ImageJson.bad(what, "its content does not have the digest " + digest + ": the store is damaged");
        }
        return content;
    }

    /** Moves blobs in. A blob that is already there is replaced, which mends it if it was damaged. */
    void adopt(Collection<StagedBlobs.Blob> blobs) throws IOException {
        for (StagedBlobs.Blob blob : blobs) {
            try (FileChannel channel = FileChannel.open(blob.file(), StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(blob.file(), path(blob.digest()), StandardCopyOption.ATOMIC_MOVE);
        }
        Durable.syncDirectory(directory);
    }

    /** Deletes every blob that is not in {@code needed}. */
    void retain(Set<Digest> needed) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (!Digest.isHex(name) || !needed.contains(new Digest(name))) {
                    Files.delete(file);
                }
            }
        }
    }
}

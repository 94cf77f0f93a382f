package dev.ctr.lifecycle.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Blobs on their way into the store: files in a scratch directory, hashed while they were written. */
final class StagedBlobs {
    private final Path directory;
    private final long limit;
    private final Map<Digest, Blob> blobs = new HashMap<>();
    private int partials;

    /** A blob and where it lies. */
    record Blob(Digest digest, long size, Path file) {}

    /** @param limit the most bytes that one blob may have */
    StagedBlobs(Path directory, long limit) {
        this.directory = directory;
        this.limit = limit;
    }

    /** Keeps the content of {@code in}; {@code what} names it in errors. */
    Blob add(InputStream in, String what) throws IOException {
        Path partial = newFile();
        MeteredInputStream metered = new MeteredInputStream(in, what, limit);
        try (OutputStream out = Files.newOutputStream(partial)) {
            metered.transferTo(out);
        }
        return keep(new Blob(metered.finish(), metered.count(), partial));
    }

    /** Takes over a file that the caller wrote in {@link #newFile} and hashed. */
    Blob keep(Blob written) throws IOException {
        Blob blob = new Blob(
                written.digest(),
                written.size(),
                directory.resolve(written.digest().hex()));
        Files.move(written.file(), blob.file(), StandardCopyOption.ATOMIC_MOVE);
        blobs.put(blob.digest(), blob);
        return blob;
    }

    /** A path in the scratch directory that nothing else uses. */
    Path newFile() {
        partials++;
        return directory.resolve("partial-" + partials);
    }

    Optional<Blob> find(Digest digest) {
        return Optional.ofNullable(blobs.get(digest));
    }

    Map<Digest, Blob> all() {
        return Collections.unmodifiableMap(blobs);
    }

    /** The most bytes that one blob may have, as it is or unpacked. */
    long limit() {
        return limit;
    }
}

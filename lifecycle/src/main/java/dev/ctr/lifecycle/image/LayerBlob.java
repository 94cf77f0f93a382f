package dev.ctr.lifecycle.image;

import dev.ctr.archive.Compression;
import dev.ctr.archive.ExtractionLimits;
import dev.ctr.archive.ExtractionOptions;
import dev.ctr.archive.TarExtractor;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A layer as it lies in the store.
 *
 * @param descriptor what the manifest says of it
 * @param diffId what the config says of it
 * @param file where it lies
 */
record LayerBlob(Descriptor descriptor, Digest diffId, Path file) {
    /**
     * podman gives the root directory of every image this mode, whatever its layers say (containers/storage,
     * drivers/overlay/overlay.go). A container can go from one engine to the other only where it is the same.
     */
    private static final Set<PosixFilePermission> ROOT_DIRECTORY = PosixFilePermissions.fromString("r-xr-xr-x");

    private static final int BUFFER = 1 << 17;
    private static final int END_MARK = 1024;

    /**
     * Unpacks it into a new directory of the form that {@link LayerStore} keeps.
     *
     * @param limit the most bytes to unpack
     * @throws dev.ctr.lifecycle.EngineException with {@code BAD_ARCHIVE} when it is not what manifest and config say
     */
    Path unpack(Path target, long limit) throws IOException {
        Files.createDirectory(target);
        Path content = Files.createDirectory(target.resolve(LayerStore.CONTENT));
        String what = "layer " + descriptor.digest();
        ExtractionLimits limits = new ExtractionLimits(limit, ExtractionLimits.GENEROUS.maxEntries());
        try (MeteredInputStream blob = new MeteredInputStream(Files.newInputStream(file), what, descriptor.size());
                InputStream plain = Compression.decompress(new BufferedInputStream(blob, BUFFER), what);
                MeteredInputStream metered = new MeteredInputStream(plain, what, limit)) {
            TarExtractor.extract(withEndMark(metered), what, content, ExtractionOptions.LAYER.with(limits));
            if (!metered.finish().equals(diffId)) {
                throw ImageJson.bad(what, "unpacked it does not have the digest " + diffId + " that the config names");
            }
            if (!blob.finish().equals(descriptor.digest())) {
                throw ImageJson.bad(what, "its content does not have that digest: the store is damaged");
            }
        }
        Files.setPosixFilePermissions(content, ROOT_DIRECTORY);
        syncFileSystem(target);
        return target;
    }

    /** Some builders leave out the two blocks of zeros that end a tar. Nothing is hidden thereby: the digest is checked. */
    private static InputStream withEndMark(InputStream tar) {
        InputStream open = new FilterInputStream(tar) {
            @Override
            public void close() {
                // SequenceInputStream closes what it has read to the end, but the digest is still to be taken.
            }
        };
        return new SequenceInputStream(open, new ByteArrayInputStream(new byte[END_MARK]));
    }

    /** A layer gets its name when it is complete on the disk, too. One call for all its files: syncfs(2). */
    private static void syncFileSystem(Path directory) throws IOException {
        Process sync = new ProcessBuilder("sync", "--file-system", directory.toString())
                .inheritIO()
                .start();
        try {
            if (sync.waitFor() != 0) {
                throw new IOException("the files below " + directory + " could not be written to the disk");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while files were written to the disk");
        } finally {
            sync.destroy();
        }
    }
}

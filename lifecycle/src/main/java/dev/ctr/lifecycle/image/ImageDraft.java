package dev.ctr.lifecycle.image;

import dev.ctr.archive.ArchiveCopy;
import dev.ctr.archive.Compression;
import dev.ctr.lifecycle.EngineException;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An image that is being made of one layer, which somebody else writes and compresses. Nobody sees anything of it before
 * {@link #commit}; one that is closed without, or whose process dies, leaves nothing. Not for concurrent use.
 */
public final class ImageDraft implements Closeable {
    private final ImageName name;
    private final Scratch.Area area;
    private final StagedBlobs staged;
    private final Publication publication;
    private final Path file;
    private final MeteredOutputStream blob;
    private final MeteredOutputStream tar;

    /** Adds an image whose blobs are staged to the store. */
    @FunctionalInterface
    interface Publication {
        Image publish(StagedImage image, StagedBlobs staged, Scratch.Area area) throws IOException;
    }

    ImageDraft(ImageName name, Scratch.Area area, StagedBlobs staged, Publication publication) throws IOException {
        this.name = name;
        this.area = area;
        this.staged = staged;
        this.publication = publication;
        this.file = staged.newFile();
        this.blob = new MeteredOutputStream(Files.newOutputStream(file), "the image " + name, staged.limit());
        this.tar = new MeteredOutputStream(OutputStream.nullOutputStream(), "the image " + name, Long.MAX_VALUE);
    }

    /** Where the layer is to be written to, as it is stored and as the tar that it is. */
    public ArchiveCopy layer() {
        return new ArchiveCopy(blob, tar);
    }

    /**
     * Makes the image of what was written so far. An image that has the name loses it, and stays.
     *
     * @param compression how the layer is compressed
     * @param annotations what the manifest says of the image
     * @throws EngineException with {@code IO} if it cannot be written
     */
    public Image commit(Compression compression, Map<String, String> annotations) {
        return ImageStore.attempt("make the image " + name, () -> {
            blob.close();
            StagedBlobs.Blob layer = staged.keep(new StagedBlobs.Blob(blob.digest(), blob.count(), file));
            Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
            StagedBlobs.Blob config = stage(new ConfigFile(config(now), now, List.of(tar.digest())).toJson());
            Manifest manifest = new Manifest(
                    MediaTypes.MANIFEST,
                    new Descriptor(MediaTypes.CONFIG, config.digest(), config.size()),
                    List.of(new Descriptor(mediaType(compression), layer.digest(), layer.size())),
                    annotations);
            StagedBlobs.Blob described = stage(manifest.toJson());
            StagedImage image = new StagedImage(
                    new Descriptor(MediaTypes.MANIFEST, described.digest(), described.size()),
                    new ImageId(config.digest()),
                    Set.of(layer.digest(), config.digest(), described.digest()),
                    tar.count() + config.size(),
                    List.of(tar.count()),
                    List.of(name));
            return publication.publish(image, staged, area);
        });
    }

    private StagedBlobs.Blob stage(byte[] json) throws IOException {
        return staged.add(new ByteArrayInputStream(json), "image");
    }

    /** Nothing of it can be run: what it holds is no root file system. */
    private static ImageConfig config(Instant now) {
        return new ImageConfig(
                Platform.architecture(),
                "linux",
                "",
                List.of(),
                List.of(),
                List.of(),
                "",
                "",
                List.of(),
                List.of(),
                Map.of(),
                "",
                List.of(new ImageConfig.History(now, "ctr checkpoint --create-image", "", "", false)));
    }

    private static String mediaType(Compression compression) {
        return switch (compression.algorithm()) {
            case ZSTD -> MediaTypes.LAYER_ZSTD;
            case GZIP -> MediaTypes.LAYER + "+gzip";
            case NONE -> MediaTypes.LAYER;
        };
    }

    /** Leaves nothing of an image that was not committed. */
    @Override
    public void close() throws IOException {
        try {
            blob.close();
        } finally {
            area.close();
        }
    }
}

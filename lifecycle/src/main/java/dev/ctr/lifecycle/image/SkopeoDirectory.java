package dev.ctr.lifecycle.image;

import dev.ctr.archive.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * skopeo's {@code dir:} format: {@code manifest.json} as the registry has it, and each blob in a file named by its
 * digest's digits.
 */
final class SkopeoDirectory {
    private static final String MANIFEST = "manifest.json";
    private static final String VERSION = "Directory Transport Version: 1.1\n";

    static boolean isOne(Path directory) {
        return Files.isRegularFile(directory.resolve(MANIFEST)) && Files.isRegularFile(directory.resolve("version"));
    }

    /** Lays out an image of the store for skopeo to read. The blobs are hard links: they stay even if the image is removed. */
    static Path write(Path directory, Digest manifestDigest, BlobStore blobs) throws IOException {
        Files.createDirectory(directory);
        Files.writeString(directory.resolve("version"), VERSION, StandardCharsets.US_ASCII);
        byte[] content = blobs.readJson(manifestDigest, "image manifest");
        Files.write(directory.resolve(MANIFEST), content);
        Manifest manifest = Manifest.parse(content);
        link(directory, manifest.config().digest(), blobs);
        for (Descriptor layer : manifest.layers()) {
            link(directory, layer.digest(), blobs);
        }
        return directory;
    }

    private static void link(Path directory, Digest digest, BlobStore blobs) throws IOException {
        Path link = directory.resolve(digest.hex());
        if (!Files.exists(link)) {
            Files.createLink(link, blobs.path(digest));
        }
    }

    /**
     * Replaces the layers of a directory that {@link #write} made by the plain tars that they are. The config, and with it the
     * image's ID, stays as it is. Old versions of skopeo do not convert zstd.
     */
    static void decompressLayers(Path directory, List<Digest> diffIds) throws IOException {
        Manifest manifest = Manifest.parse(ImageJson.read(directory.resolve(MANIFEST), "image manifest"));
        List<Descriptor> plainLayers = new ArrayList<>();
        for (int i = 0; i < diffIds.size(); i++) {
            Digest packed = manifest.layers().get(i).digest();
            Path plain = directory.resolve(diffIds.get(i).hex());
            if (!Files.exists(plain)) {
                try (InputStream in = Files.newInputStream(directory.resolve(packed.hex()));
                        InputStream content = Compression.decompress(in, "layer " + packed)) {
                    Files.copy(content, plain);
                }
            }
            plainLayers.add(new Descriptor(MediaTypes.plainLayer(manifest), diffIds.get(i), Files.size(plain)));
        }
        Manifest plain = new Manifest(manifest.mediaType(), manifest.config(), plainLayers, manifest.annotations());
        Files.write(directory.resolve(MANIFEST), plain.toJson());
    }

    /** Stages the image that skopeo left in {@code directory}. */
    static StagedImage read(Path directory, List<ImageName> names, StagedBlobs staged) throws IOException {
        StagedBlobs.Blob manifest = stage(directory.resolve(MANIFEST), staged);
        Manifest content = Manifest.parse(ImageJson.read(manifest.file(), "image manifest"));
        stageIfThere(directory, content.config().digest(), staged);
        for (Descriptor layer : content.layers()) {
            stageIfThere(directory, layer.digest(), staged);
        }
        return StagedImage.prove(manifest.digest(), names, staged);
    }

    private static void stageIfThere(Path directory, Digest digest, StagedBlobs staged) throws IOException {
        Path file = directory.resolve(digest.hex());
        if (staged.find(digest).isEmpty() && Files.isRegularFile(file)) {
            stage(file, staged);
        }
    }

    static StagedBlobs.Blob stage(Path file, StagedBlobs staged) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return staged.add(in, file.toString());
        }
    }

    private SkopeoDirectory() {}
}

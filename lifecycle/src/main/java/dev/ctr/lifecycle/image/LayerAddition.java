package dev.ctr.lifecycle.image;

import dev.ctr.archive.Compression;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes an image of another one's layers and a new one, which is compressed and hashed while it is written. */
final class LayerAddition {
    private static final int BUFFER = 1 << 16;
    private static final int THREADS = Math.min(Runtime.getRuntime().availableProcessors(), 4);

    /** What buildah, and with it podman, calls a step that no instruction made. */
    private static final String CREATED_BY = "/bin/sh";

    private final StagedBlobs staged;

    /**
     * What the base consists of.
     *
     * @param blobs opens one of its blobs
     */
    record Base(Manifest manifest, ConfigFile config, Blobs blobs) {
        interface Blobs {
            InputStream open(Digest digest) throws IOException;
        }
    }

    /** A layer as the manifest and as the config know it, and its plain size. */
    private record Layer(Descriptor descriptor, Digest diffId, long size) {}

    LayerAddition(StagedBlobs staged) {
        this.staged = staged;
    }

    StagedImage run(NewLayer request, Base base, NewLayer.Content content) throws IOException {
        List<ImageName> names = request.name().isEmpty() ? List.of() : List.of(ImageName.of(request.name()));
        ConfigChanges changes = ConfigChanges.parse(request.config(), request.changes());
        boolean docker = request.format() == ManifestFormat.DOCKER;
        Layer added = write(content, docker);
        List<Descriptor> layers = new ArrayList<>();
        List<Digest> diffIds = new ArrayList<>();
        if (!request.squash()) {
            for (Descriptor layer : base.manifest().layers()) {
                layers.add(converted(layer, docker, base.blobs()));
            }
            diffIds.addAll(base.config().diffIds());
        }
        layers.add(added.descriptor());
        diffIds.add(added.diffId());
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        List<ImageConfig.History> history =
                new ArrayList<>(request.squash() ? List.of() : request.config().history());
        history.add(new ImageConfig.History(now, CREATED_BY, request.author(), request.comment(), false));
        ConfigFile config = new ConfigFile(
                changes.toConfig(request.config(), history), now, diffIds, docker ? changes.onBuild() : List.of());
        List<Long> sizes =
                new ArrayList<>(request.squash() ? List.of() : request.base().layerSizes());
        sizes.add(added.size());
        return describe(config, layers, docker, sizes, names);
    }

    private StagedImage describe(
            ConfigFile configFile, List<Descriptor> layers, boolean docker, List<Long> sizes, List<ImageName> names)
            throws IOException {
        StagedBlobs.Blob config = stage(configFile.toJson());
        String configType = docker ? MediaTypes.DOCKER_CONFIG : MediaTypes.CONFIG;
        String manifestType = docker ? MediaTypes.DOCKER_MANIFEST : MediaTypes.MANIFEST;
        Manifest manifest = new Manifest(
                manifestType, new Descriptor(configType, config.digest(), config.size()), layers, Map.of());
        StagedBlobs.Blob described = stage(manifest.toJson());
        Set<Digest> blobs = new HashSet<>(Set.of(config.digest(), described.digest()));
        layers.forEach(layer -> blobs.add(layer.digest()));
        return new StagedImage(
                new Descriptor(manifestType, described.digest(), described.size()),
                new ImageId(config.digest()),
                blobs,
                config.size() + sizes.stream().mapToLong(Long::longValue).sum(),
                sizes,
                names);
    }

    private StagedBlobs.Blob stage(byte[] json) throws IOException {
        return staged.add(new ByteArrayInputStream(json), "image");
    }

    private Layer write(NewLayer.Content content, boolean docker) throws IOException {
        MessageDigest plain = Digest.newSha256();
        long[] size = {0};
        Descriptor descriptor = compress(docker, compressed -> {
            OutputStream counted = new java.io.FilterOutputStream(new DigestOutputStream(compressed, plain)) {
                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    out.write(bytes, offset, length);
                    size[0] += length;
                }
            };
            BufferedOutputStream buffered = new BufferedOutputStream(counted, BUFFER);
            content.writeTo(buffered);
            buffered.flush();
        });
        return new Layer(descriptor, Digest.of(plain), size[0]);
    }

    /** Docker's form knows gzip; in the OCI's, zstd is smaller and faster. */
    private Descriptor compress(boolean docker, NewLayer.Content content) throws IOException {
        Path file = staged.newFile();
        DigestOutputStream hashed = new DigestOutputStream(Files.newOutputStream(file), Digest.newSha256());
        Compression compression = docker ? Compression.GZIP : Compression.ZSTD;
        try (OutputStream out = compression.compress(new BufferedOutputStream(hashed, BUFFER), THREADS)) {
            content.writeTo(out);
        }
        StagedBlobs.Blob blob =
                staged.keep(new StagedBlobs.Blob(Digest.of(hashed.getMessageDigest()), Files.size(file), file));
        String type = docker ? MediaTypes.DOCKER_LAYER + ".gzip" : MediaTypes.LAYER_ZSTD;
        return new Descriptor(type, blob.digest(), blob.size());
    }

    /** A layer of the base under the name that the other form has for it; docker's has none for zstd. */
    private Descriptor converted(Descriptor layer, boolean docker, Base.Blobs blobs) throws IOException {
        if (docker && layer.mediaType().endsWith("zstd")) {
            try (InputStream blob = blobs.open(layer.digest());
                    InputStream plain = Compression.decompress(blob, "layer " + layer.digest())) {
                return compress(true, plain::transferTo);
            }
        }
        String type = docker ? MediaTypes.dockerLayer(layer.mediaType()) : MediaTypes.ociLayer(layer.mediaType());
        return new Descriptor(type, layer.digest(), layer.size());
    }
}

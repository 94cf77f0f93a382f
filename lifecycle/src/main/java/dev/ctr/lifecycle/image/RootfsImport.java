package dev.ctr.lifecycle.image;

import dev.ctr.archive.Compression;
import dev.ctr.lifecycle.EngineException;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes a one-layer image of a root file system's tar, in one pass over it. */
final class RootfsImport {
    private static final String WHAT = "the root file system archive";

    private static final int BUFFER = 1 << 16;

    /** zstd is the slowest step; a few threads of it keep up with a disk. */
    private static final int THREADS = Math.min(Runtime.getRuntime().availableProcessors(), 4);

    private final StagedBlobs staged;

    RootfsImport(StagedBlobs staged) {
        this.staged = staged;
    }

    StagedImage run(InputStream tar, ImportOptions options) throws IOException {
        List<ImageName> names = options.name().isEmpty() ? List.of() : List.of(ImageName.of(options.name()));
        ConfigChanges changes = ConfigChanges.parse(options.changes());
        Path blob = staged.newFile();
        try (MeteredInputStream plain =
                new MeteredInputStream(Compression.decompress(tar, WHAT), WHAT, staged.limit())) {
            Descriptor layer = writeLayer(plain, blob);
            Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
            ImageConfig config = changes.toConfig(Platform.architecture(), now, options.message());
            ConfigFile configFile = new ConfigFile(config, now, List.of(plain.finish()));
            return describe(layer, plain.count(), configFile, names);
        }
    }

    private StagedImage describe(Descriptor layer, long layerSize, ConfigFile configFile, List<ImageName> names)
            throws IOException {
        StagedBlobs.Blob config = stage(configFile.toJson());
        Manifest manifest = new Manifest(
                MediaTypes.MANIFEST,
                new Descriptor(MediaTypes.CONFIG, config.digest(), config.size()),
                List.of(layer),
                Map.of());
        StagedBlobs.Blob described = stage(manifest.toJson());
        return new StagedImage(
                new Descriptor(MediaTypes.MANIFEST, described.digest(), described.size()),
                new ImageId(config.digest()),
                Set.of(layer.digest(), config.digest(), described.digest()),
                layerSize + config.size(),
                List.of(layerSize),
                names);
    }

    private StagedBlobs.Blob stage(byte[] json) throws IOException {
        return staged.add(new ByteArrayInputStream(json), "image");
    }

    /** Compresses and hashes the tar, after a look at every header in it: an image that cannot be unpacked is of no use. */
    private Descriptor writeLayer(MeteredInputStream plain, Path target) throws IOException {
        DigestOutputStream hashed = new DigestOutputStream(Files.newOutputStream(target), Digest.newSha256());
        try (OutputStream out = Compression.ZSTD.compress(new BufferedOutputStream(hashed, BUFFER), THREADS)) {
            InputStream copying = new CopyingInputStream(plain, out);
            TarFiles entries = new TarFiles(copying, WHAT);
            boolean any = false;
            while (entries.next().isPresent()) {
                any = true;
            }
            if (!any) {
                throw new EngineException(
                        EngineException.Code.BAD_ARCHIVE,
                        WHAT + " cannot be imported: it is empty or not a tar archive");
            }
            copying.transferTo(OutputStream.nullOutputStream());
        }
        StagedBlobs.Blob blob =
                staged.keep(new StagedBlobs.Blob(Digest.of(hashed.getMessageDigest()), Files.size(target), target));
        return new Descriptor(MediaTypes.LAYER_ZSTD, blob.digest(), blob.size());
    }

    /** Writes to a second place what is read. */
    private static final class CopyingInputStream extends FilterInputStream {
        private final OutputStream copy;

        CopyingInputStream(InputStream in, OutputStream copy) {
            super(in);
            this.copy = copy;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            if (read > 0) {
                copy.write(buffer, offset, read);
            }
            return read;
        }

        @Override
        public long skip(long n) throws IOException {
            byte[] buffer = new byte[(int) Math.min(Math.max(n, 0), BUFFER)];
            return buffer.length == 0 ? 0 : Math.max(read(buffer, 0, buffer.length), 0);
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}

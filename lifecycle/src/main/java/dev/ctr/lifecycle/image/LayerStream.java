package dev.ctr.lifecycle.image;

import dev.ctr.archive.Compression;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;

/**
 * The plain tar of a layer that lies in a scratch area. Whoever has read it to its end knows that it is what manifest and config
 * say: a layer that is not fails there. Closing it gives the area up.
 */
final class LayerStream extends InputStream {
    private static final int BUFFER = 1 << 17;

    private final LayerBlob layer;
    private final Scratch.Area area;
    private final String what;
    private final MeteredInputStream blob;
    private final MeteredInputStream tar;
    private boolean proven;

    /** @param limit the most bytes that the tar may have */
    LayerStream(LayerBlob layer, Scratch.Area area, long limit) throws IOException {
        this.layer = layer;
        this.area = area;
        this.what = "layer " + layer.descriptor().digest();
        this.blob = new MeteredInputStream(
                Files.newInputStream(layer.file()), what, layer.descriptor().size());
        try {
            this.tar = new MeteredInputStream(
                    Compression.decompress(new BufferedInputStream(blob, BUFFER), what), what, limit);
        } catch (IOException | RuntimeException e) {
            blob.close();
            throw e;
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int read = tar.read(buffer, offset, length);
        if (read < 0 && !proven) {
            prove();
        }
        return read;
    }

    private void prove() throws IOException {
        if (!tar.finish().equals(layer.diffId())) {
            throw ImageJson.bad(
                    what, "unpacked it does not have the digest " + layer.diffId() + " that the config names");
        }
        if (!blob.finish().equals(layer.descriptor().digest())) {
            throw ImageJson.bad(what, "its content does not have that digest: the store is damaged");
        }
        proven = true;
    }

    @Override
    public void close() throws IOException {
        try (area) {
            tar.close();
        }
    }
}

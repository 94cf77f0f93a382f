package dev.ctr.archive;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.CRC32C;

/** Sums up what passes, and puts a seal behind it. Not for concurrent use. */
final class SealedOutputStream extends FilterOutputStream {
    private final Seal seal;
    private final CRC32C checksum = new CRC32C();
    private boolean wanted;
    private long size;

    SealedOutputStream(OutputStream out, Seal seal) {
        super(out);
        this.seal = seal;
    }

    /** Has the seal written when the stream is closed; an archive that is given up gets none. */
    void sealAtClose() {
        wanted = true;
    }

    @Override
    public void write(int b) throws IOException {
        out.write(b);
        checksum.update(b);
        size++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        checksum.update(bytes, offset, length);
        size += length;
    }

    @Override
    public void close() throws IOException {
        if (wanted) {
            wanted = false;
            out.write(seal.bytes(size, checksum.getValue()));
        }
        super.close();
    }
}

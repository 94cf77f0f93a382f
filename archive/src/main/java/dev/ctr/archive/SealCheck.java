package dev.ctr.archive;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Passes an archive on, and compares its seal with what passed. Not for concurrent use. */
final class SealCheck extends FilterInputStream {
    private final CRC32C checksum = new CRC32C();
    private final byte[] beginning;
    private Seal seal = Seal.PLAIN;
    /** What was read last and may turn out to be the seal: as many bytes as one has, or fewer. */
    private byte[] tail = new byte[0];

    private long size;

    /** What the seal says. */
    enum Verdict {
        /** All is as it was written. */
        INTACT,
        /** Something is not. */
        BROKEN,
        /** There is no seal. */
        MISSING
    }

    SealCheck(InputStream in) {
        super(in);
        this.beginning = new byte[4];
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int read = in.read(buffer, offset, length);
        if (read > 0) {
            take(buffer, offset, read);
        }
        return read;
    }

    @Override
    public long skip(long count) throws IOException {
        throw new IOException("an archive is read as a whole");
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    /** Reads what is left, and compares. */
    Verdict finish() throws IOException {
        byte[] rest = new byte[1 << 16];
        int read;
        do {
            read = read(rest, 0, rest.length);
        } while (read >= 0);
        int sealed = seal.length();
        if (tail.length < sealed) {
            return Verdict.MISSING;
        }
        int excess = tail.length - sealed;
        byte[] last = Arrays.copyOfRange(tail, excess, tail.length);
        checksum.update(tail, 0, excess);
        if (!seal.isSeal(last)) {
            return Verdict.MISSING;
        }
        return Arrays.equals(last, seal.bytes(size - sealed, checksum.getValue())) ? Verdict.INTACT : Verdict.BROKEN;
    }

    private void take(byte[] buffer, int offset, int length) {
        for (int i = 0; size + i < beginning.length && i < length; i++) {
            beginning[(int) size + i] = buffer[offset + i];
        }
        size += length;
        if (size >= beginning.length) {
            seal = Seal.of(beginning);
        }
        int kept = Math.min(tail.length, Math.max(0, Seal.MAX_LENGTH - length));
        checksum.update(tail, 0, tail.length - kept);
        int sure = Math.max(0, length - Seal.MAX_LENGTH);
        checksum.update(buffer, offset, sure);
        byte[] next = new byte[kept + length - sure];
        System.arraycopy(tail, tail.length - kept, next, 0, kept);
        System.arraycopy(buffer, offset + sure, next, kept, length - sure);
        tail = next;
    }
}

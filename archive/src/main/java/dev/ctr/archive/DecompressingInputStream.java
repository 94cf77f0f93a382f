package dev.ctr.archive;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.ctr.archive.ArchiveException.Code;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Decompressed content whose errors tell a damaged archive ({@link ArchiveException}) from a failing source (whatever the
 * source threw). Not for concurrent use.
 */
final class DecompressingInputStream extends FilterInputStream {
    private static final int BUFFER = 1 << 17;
    private static final int MAGIC = 6;

    private final Source raw;
    private final String source;

    private DecompressingInputStream(InputStream decompressed, Source raw, String source) {
        super(decompressed);
        this.raw = raw;
        this.source = source;
    }

    static DecompressingInputStream open(InputStream in, String source) throws IOException {
        Source raw = new Source(in);
        BufferedInputStream buffered = new BufferedInputStream(raw, BUFFER);
        buffered.mark(MAGIC);
        String magic = HexFormat.of().formatHex(buffered.readNBytes(MAGIC));
        buffered.reset();
        try {
            return new DecompressingInputStream(decompressor(buffered, magic, source), raw, source);
        } catch (IOException | RuntimeException e) {
            throw translate(e, raw, source);
        }
    }

    private static InputStream decompressor(InputStream in, String magic, String source) throws IOException {
        if (magic.startsWith("28b52ffd") || isSkippableFrame(magic)) {
            return new ZstdInputStreamNoFinalizer(in);
        }
        if (magic.startsWith("1f8b")) {
            return GzipCompressorInputStream.builder()
                    .setInputStream(in)
                    .setDecompressConcatenated(true)
                    .get();
        }
        if (magic.startsWith("425a68")) {
            return new BZip2CompressorInputStream(in, true);
        }
        String unreadable = unreadable(magic);
        if (unreadable != null) {
            throw new ArchiveException(
                    Code.UNSUPPORTED,
                    "%s is compressed with %s, which cannot be read here: decompress it first, or make it with zstd or gzip"
                            .formatted(source, unreadable));
        }
        return in;
    }

    private static @Nullable String unreadable(String magic) {
        if (magic.startsWith("fd377a585a00")) {
            return "xz";
        }
        if (magic.startsWith("5d0000")) {
            return "lzma";
        }
        if (magic.startsWith("04224d18")) {
            return "lz4";
        }
        if (magic.startsWith("504b0304")) {
            return "zip";
        }
        return null;
    }

    /** zstd allows frames of other data before and between its own, as pzstd writes them (RFC 8878, 3.1.2). */
    private static boolean isSkippableFrame(String magic) {
        return magic.length() >= 8 && magic.charAt(0) == '5' && magic.startsWith("2a4d18", 2);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            return super.read(buffer, offset, length);
        } catch (IOException | RuntimeException e) {
            throw translate(e, raw, source);
        }
    }

    @Override
    public long skip(long count) throws IOException {
        long skipped = 0;
        byte[] buffer = new byte[(int) Math.min(BUFFER, Math.max(count, 0))];
        while (skipped < count) {
            int read = read(buffer, 0, (int) Math.min(buffer.length, count - skipped));
            if (read < 0) {
                break;
            }
            skipped += read;
        }
        return skipped;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private static IOException translate(Exception failure, Source raw, String source) {
        if (raw.failure != null) {
            return raw.failure;
        }
        if (failure instanceof ArchiveException archive) {
            return archive;
        }
        boolean endsEarly = failure instanceof EOFException
                || String.valueOf(failure.getMessage()).contains("Truncated source");
        return endsEarly
                ? new ArchiveException(
                        Code.TRUNCATED,
                        source + " ends in the middle: it was not copied completely; copy it again",
                        failure)
                : new ArchiveException(
                        Code.CORRUPT,
                        "%s is damaged, its compressed data cannot be decoded (%s): copy it again"
                                .formatted(source, failure.getMessage()),
                        failure);
    }

    /** The compressed bytes, which remembers whether it was reading them that failed. */
    private static final class Source extends FilterInputStream {
        private @Nullable IOException failure;

        Source(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            try {
                return super.read();
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                return super.read(buffer, offset, length);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }
}

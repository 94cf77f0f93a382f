package dev.ctr.archive;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * How an archive is compressed.
 *
 * @param algorithm the format
 * @param level how hard to try; zstd 1 to 22, gzip 1 to 9, for none 0
 */
public record Compression(Algorithm algorithm, int level) {
    /** zstd at its usual level: the default, as in podman. */
    public static final Compression ZSTD = new Compression(Algorithm.ZSTD, 3);

    /** gzip at its usual level. */
    public static final Compression GZIP = new Compression(Algorithm.GZIP, 6);

    /** A plain tar. */
    public static final Compression NONE = new Compression(Algorithm.NONE, 0);

    private static final int MAX_ZSTD_LEVEL = 22;
    private static final int MAX_GZIP_LEVEL = 9;

    /** The formats that can be written. */
    public enum Algorithm {
        /** Zstandard (RFC 8878), each frame with its checksum. */
        ZSTD,
        /** gzip (RFC 1952). */
        GZIP,
        /** No compression. */
        NONE
    }

    /** Checks the level. */
    public Compression {
        int max = switch (algorithm) {
            case ZSTD -> MAX_ZSTD_LEVEL;
            case GZIP -> MAX_GZIP_LEVEL;
            case NONE -> 0;
        };
        int min = Math.min(1, max);
        if (level < min || level > max) {
            throw new IllegalArgumentException(
                    algorithm == Algorithm.NONE
                            ? "compression \"none\" takes no level"
                            : "compression level %d of %s is out of range: choose one from %d to %d"
                                    .formatted(level, name(algorithm), min, max));
        }
    }

    /**
     * Parses {@code zstd}, {@code gzip}, {@code none}, each but the last with an optional {@code :LEVEL}, in any case.
     *
     * @throws IllegalArgumentException with podman's sentence if there is no such algorithm, or if the level is not one
     */
    public static Compression parse(String text) {
        int colon = text.indexOf(':');
        String name = (colon < 0 ? text : text.substring(0, colon)).toLowerCase(Locale.ROOT);
        Compression usual = switch (name) {
            case "zstd" -> ZSTD;
            case "gzip" -> GZIP;
            case "none" -> NONE;
            default ->
                throw new IllegalArgumentException(
                        "selected compression algorithm (\"%s\") not supported. Please select one from: gzip, none, zstd"
                                .formatted(text));
        };
        if (colon < 0) {
            return usual;
        }
        String level = text.substring(colon + 1);
        if (!level.matches("\\d{1,4}") || usual.equals(NONE)) {
            throw new IllegalArgumentException("compression \"%s\" has no usable level: write %s"
                    .formatted(text, usual.equals(NONE) ? "none" : name + ":LEVEL with a number"));
        }
        return new Compression(usual.algorithm, Integer.parseInt(level));
    }

    /**
     * A stream whose input arrives compressed in {@code out}. Closing it ends the compressed form and closes
     * {@code out}.
     *
     * @param threads how many threads compress; only zstd uses more than one
     */
    public OutputStream compress(OutputStream out, int threads) throws IOException {
        return switch (algorithm) {
            case ZSTD ->
                new ZstdOutputStreamNoFinalizer(out, level).setChecksum(true).setWorkers(threads > 1 ? threads : 0);
            case GZIP -> new LeveledGzip(out, level);
            case NONE -> out;
        };
    }

    /**
     * A stream of what {@code in} holds compressed. The format is told by its first bytes, never by a name: zstd, gzip,
     * bzip2, or a plain tar. Its errors are {@link ArchiveException}s, except those that {@code in} itself throws.
     * Closing it closes {@code in}.
     *
     * @param source what is read, as an error names it, such as a file name
     * @throws ArchiveException if the format is one that cannot be read here; {@code in} is left open then
     */
    public static InputStream decompress(InputStream in, String source) throws IOException {
        return DecompressingInputStream.open(in, source);
    }

    /** As {@link #parse} reads it, with the level only where it is not the usual one. */
    @Override
    public String toString() {
        String name = name(algorithm);
        return equals(ZSTD) || equals(GZIP) || equals(NONE) ? name : name + ":" + level;
    }

    private static String name(Algorithm algorithm) {
        return algorithm.name().toLowerCase(Locale.ROOT);
    }

    private static final class LeveledGzip extends GZIPOutputStream {
        private static final int BUFFER = 1 << 16;

        LeveledGzip(OutputStream out, int level) throws IOException {
            super(out, BUFFER);
            def.setLevel(level == GZIP.level() ? Deflater.DEFAULT_COMPRESSION : level);
        }
    }
}

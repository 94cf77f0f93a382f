package dev.ctr.criu.image;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads a CRIU image from front to back: numbers that tell its kind, then records, each its length in 32 bits before it, some
 * with raw data behind them; all little endian (CRIU, criu/protobuf.c). Trusts nothing: lengths are bounded, and whoever calls
 * bounds the number of records. Not for concurrent use.
 */
public final class CriuImageReader implements Closeable {
    /** A task with CRIU's most mappings, some 65,000, has a record of 5 MiB. */
    static final int LARGEST_RECORD = 16 << 20;

    private static final int WORD = 4;

    private final InputStream in;
    private final String source;

    private CriuImageReader(InputStream in, String source) {
        this.in = in;
        this.source = source;
    }

    /**
     * Opens an image of a kind.
     *
     * @throws CriuImageException if it is of another kind
     * @throws IOException if it cannot be read
     */
    public static CriuImageReader open(Path image, ImageType type) throws IOException {
        InputStream file = new BufferedInputStream(Files.newInputStream(image));
        try {
            return of(file, image.toString(), type);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Reads an image from a stream, which {@link #close} closes.
     *
     * @param source what is read, as an error names it
     * @throws CriuImageException if it is of another kind
     */
    public static CriuImageReader of(InputStream in, String source, ImageType type) throws IOException {
        CriuImageReader reader = new CriuImageReader(in, source);
        reader.expect(type);
        return reader;
    }

    private void expect(ImageType type) throws IOException {
        int first = word().orElseThrow(() -> notA(type, "it is empty"));
        if (type.hasCommonMagic()) {
            if (first != ImageType.COMMON_MAGIC) {
                throw notA(type, "it begins with another number");
            }
            first = word().orElseThrow(() -> notA(type, "it ends after the first number"));
        }
        if (first != type.magic()) {
            String other =
                    ImageType.ofMagic(first).map(found -> "it is " + found).orElse("its number is another one");
            throw notA(type, other);
        }
    }

    private CriuImageException notA(ImageType type, String why) {
        return new CriuImageException("%s is no CRIU image of kind %s: %s".formatted(source, type, why));
    }

    /**
     * The next record, none at the end.
     *
     * @throws CriuImageException if the record is cut off, too long, or no such message
     */
    public <T extends Message> Optional<T> next(Parser<T> parser) throws IOException {
        Optional<Integer> length = word();
        if (length.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(parser.parseFrom(bytes(Integer.toUnsignedLong(length.get()))));
        } catch (InvalidProtocolBufferException e) {
            throw new CriuImageException("%s is damaged: %s".formatted(source, e.getMessage()), e);
        }
    }

    /**
     * The only record of an image that has one.
     *
     * @throws CriuImageException if there is none, or as {@link #next} does
     */
    public <T extends Message> T only(Parser<T> parser) throws IOException {
        return next(parser).orElseThrow(() -> new CriuImageException(source + " is damaged: it has no record"));
    }

    /**
     * Passes over raw data behind a record.
     *
     * @throws CriuImageException if the image ends before
     */
    public void skipRaw(long length) throws IOException {
        copyRaw(length, OutputStream.nullOutputStream());
    }

    /**
     * Copies raw data behind a record.
     *
     * @throws CriuImageException if the image ends before
     */
    public void copyRaw(long length, OutputStream out) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long left = length;
        while (left > 0) {
            int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (count < 0) {
                throw cutOff(length, length - left);
            }
            out.write(buffer, 0, count);
            left -= count;
        }
    }

    /** What is read, as errors name it. */
    String source() {
        return source;
    }

    private byte[] bytes(long length) throws IOException {
        if (length > LARGEST_RECORD) {
            throw new CriuImageException(
                    "%s is damaged: a record claims %d bytes, more than any has".formatted(source, length));
        }
        byte[] record = in.readNBytes((int) length);
        if (record.length < length) {
            throw cutOff(length, record.length);
        }
        return record;
    }

    private Optional<Integer> word() throws IOException {
        byte[] word = in.readNBytes(WORD);
        if (word.length == 0) {
            return Optional.empty();
        }
        if (word.length < WORD) {
            throw cutOff(WORD, word.length);
        }
        return Optional.of(ByteBuffer.wrap(word).order(ByteOrder.LITTLE_ENDIAN).getInt());
    }

    private CriuImageException cutOff(long expected, long found) {
        return new CriuImageException(
                "%s is cut off: %d bytes should follow, %d are there".formatted(source, expected, found));
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}

package dev.ctr.criu.image;

import com.google.protobuf.Message;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Writes a CRIU image as {@link CriuImageReader} reads it. Not for concurrent use. */
public final class CriuImageWriter implements Closeable {
    private static final int WORD = 4;

    private final OutputStream out;

    private CriuImageWriter(OutputStream out, ImageType type) throws IOException {
        this.out = out;
        if (type.hasCommonMagic()) {
            word(ImageType.COMMON_MAGIC);
        }
        word(type.magic());
    }

    /**
     * Makes a new image, readable by its owner alone.
     *
     * @throws IOException if there is a file of that name, or none can be made
     */
    public static CriuImageWriter create(Path image, ImageType type) throws IOException {
        Files.createFile(image, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return of(new BufferedOutputStream(Files.newOutputStream(image, StandardOpenOption.WRITE)), type);
    }

    /** Writes an image to a stream, which {@link #close} closes. */
    public static CriuImageWriter of(OutputStream out, ImageType type) throws IOException {
        try {
            return new CriuImageWriter(out, type);
        } catch (IOException | RuntimeException e) {
            out.close();
            throw e;
        }
    }

    /** Appends a record. */
    public void record(Message message) throws IOException {
        byte[] bytes = message.toByteArray();
        word(bytes.length);
        out.write(bytes);
    }

    /** Appends raw data that belongs to the last record. */
    public void raw(byte[] data) throws IOException {
        out.write(data);
    }

    private void word(int value) throws IOException {
        out.write(ByteBuffer.allocate(WORD)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}

package dev.ctr.criu.image;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * The images of one dump by their names. A missing image is an empty one, as it is for CRIU. Links are not followed.
 *
 * @param directory where they are
 */
record DumpImages(Path directory) {
    /** Of anything a container may have open, mapped or running at one time. */
    private static final int MOST_RECORDS = 1_000_000;

    boolean has(String name) {
        return Files.isRegularFile(directory.resolve(name), LinkOption.NOFOLLOW_LINKS);
    }

    CriuImageReader open(String name, ImageType type) throws IOException {
        Path image = directory.resolve(name);
        BufferedInputStream in = new BufferedInputStream(Files.newInputStream(image, LinkOption.NOFOLLOW_LINKS));
        try {
            return CriuImageReader.of(in, name, type);
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    /** The only record of an image, none if there is no image. */
    <T extends Message> Optional<T> only(String name, ImageType type, Parser<T> parser) throws IOException {
        if (!has(name)) {
            return Optional.empty();
        }
        try (CriuImageReader image = open(name, type)) {
            return Optional.of(image.only(parser));
        }
    }

    /** All records of an image. */
    <T extends Message> List<T> all(String name, ImageType type, Parser<T> parser) throws IOException {
        return all(name, type, parser, record -> 0);
    }

    /**
     * All records of an image.
     *
     * @param rawBytes how much raw data is behind a record
     */
    <T extends Message> List<T> all(String name, ImageType type, Parser<T> parser, ToLongFunction<T> rawBytes)
            throws IOException {
        List<T> records = new ArrayList<>();
        if (!has(name)) {
            return records;
        }
        try (CriuImageReader image = open(name, type)) {
            for (Optional<T> next = image.next(parser); next.isPresent(); next = image.next(parser)) {
                image.skipRaw(rawBytes.applyAsLong(next.get()));
                if (records.size() == MOST_RECORDS) {
                    throw new CriuImageException(name + " has too many records to be shown");
                }
                records.add(next.get());
            }
        }
        return records;
    }
}

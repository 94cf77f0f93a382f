package dev.ctr.archive;

import com.exceptionfactory.jagged.RecipientStanzaReader;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaReaderFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;

/** Secret keys that open encrypted archives: X25519 keys as {@code age-keygen} writes them ({@code AGE-SECRET-KEY-1…}). */
public final class Identities {
    /** None: only archives that are not encrypted can be read. */
    public static final Identities NONE = new Identities(List.of());

    private static final String PREFIX = "AGE-SECRET-KEY-1";

    private final List<RecipientStanzaReader> readers;

    private Identities(List<RecipientStanzaReader> readers) {
        this.readers = List.copyOf(readers);
    }

    /**
     * Reads files with one key in each line; empty lines and those that begin with {@code #} say nothing.
     *
     * @throws IllegalArgumentException if there is something else in one, or nothing
     * @throws IOException if one cannot be read
     */
    public static Identities read(List<Path> files) throws IOException {
        List<RecipientStanzaReader> readers = new ArrayList<>();
        for (Path file : files) {
            List<String> lines = AgeKeyFile.lines(file);
            if (lines.isEmpty()) {
                throw new IllegalArgumentException("the file of identities " + file + " has none");
            }
            for (String line : lines) {
                readers.add(reader(line, file));
            }
        }
        return new Identities(readers);
    }

    /** The line is a secret, and no error shows it. */
    private static RecipientStanzaReader reader(String line, Path file) {
        try {
            if (line.startsWith(PREFIX)) {
                return X25519RecipientStanzaReaderFactory.newRecipientStanzaReader(line);
            }
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "the file of identities " + file + " has a damaged key: copy it again", e);
        }
        throw new IllegalArgumentException("the file of identities " + file
                + " has a line that is no AGE-SECRET-KEY-1…: give a file as age-keygen makes it, not encrypted");
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return readers.isEmpty();
    }

    List<RecipientStanzaReader> readers() {
        return readers;
    }
}

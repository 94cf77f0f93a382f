package dev.ctr.archive;

import com.exceptionfactory.jagged.RecipientStanzaWriter;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaWriterFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;

/** Those who alone can read an encrypted archive: X25519 keys as age writes them ({@code age1…}, age's specification v1). */
public final class Recipients {
    /** Nobody: the archive is not encrypted. */
    public static final Recipients NONE = new Recipients(List.of());

    private static final String PREFIX = "age1";
    private static final String FILE = "@";

    private final List<RecipientStanzaWriter> writers;

    private Recipients(List<RecipientStanzaWriter> writers) {
        this.writers = List.copyOf(writers);
    }

    /**
     * Parses recipients.
     *
     * @param words each {@code age1…}, or {@code @FILE} for a file with one in each line, where empty lines and those that begin with
     *     {@code #} say nothing
     * @throws IllegalArgumentException if a word is none
     * @throws IOException if a file cannot be read
     */
    public static Recipients parse(List<String> words) throws IOException {
        List<RecipientStanzaWriter> writers = new ArrayList<>();
        for (String word : words) {
            if (!word.startsWith(FILE)) {
                writers.add(writer(word));
                continue;
            }
            Path file = Path.of(word.substring(FILE.length()));
            int before = writers.size();
            for (String line : AgeKeyFile.lines(file)) {
                writers.add(writer(line));
            }
            if (writers.size() == before) {
                throw new IllegalArgumentException("the file of recipients " + file + " names nobody");
            }
        }
        return new Recipients(writers);
    }

    private static RecipientStanzaWriter writer(String word) {
        try {
            if (word.startsWith(PREFIX)) {
                return X25519RecipientStanzaWriterFactory.newRecipientStanzaWriter(word);
            }
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new IllegalArgumentException("\"%s\" is a damaged age recipient: copy it again".formatted(word), e);
        }
        throw new IllegalArgumentException(
                "\"%s\" is no age recipient of the form age1…: age-keygen makes a key and prints its recipient"
                        .formatted(word));
    }

    /** Whether nobody is named. */
    public boolean isEmpty() {
        return writers.isEmpty();
    }

    List<RecipientStanzaWriter> writers() {
        return writers;
    }
}

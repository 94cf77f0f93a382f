package dev.ctr.archive;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** A file of age recipients or identities: one in each line, with comments. */
final class AgeKeyFile {
    private static final long MAX_SIZE = 1 << 20;

    private AgeKeyFile() {}

    static List<String> lines(Path file) throws IOException {
        try {
            if (Files.size(file) > MAX_SIZE) {
                throw new IOException("cannot read the keys in %s: it is larger than any file of keys".formatted(file));
            }
            return Files.readAllLines(file).stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        } catch (NoSuchFileException e) {
            throw new IOException("cannot read the keys in %s: there is no such file".formatted(file), e);
        } catch (CharacterCodingException e) {
            throw new IOException("cannot read the keys in %s: it is no text".formatted(file), e);
        }
    }
}

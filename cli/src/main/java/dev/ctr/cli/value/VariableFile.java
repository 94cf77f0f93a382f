package dev.ctr.cli.value;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Files of {@code KEY=VALUE} lines, as {@code --env-file} and {@code --label-file} take them. */
public final class VariableFile {
    private VariableFile() {}

    /**
     * The lines that are neither blank nor comments, without leading blanks.
     *
     * @param kind what the file holds, for messages
     * @throws IllegalArgumentException if the file cannot be read
     */
    public static List<String> lines(String kind, String file) {
        try {
            return Files.readAllLines(Path.of(file)).stream()
                    .map(String::stripLeading)
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        } catch (NoSuchFileException e) {
            throw unreadable(kind, file, "no such file", e);
        } catch (CharacterCodingException e) {
            throw unreadable(kind, file, "it is not UTF-8 text", e);
        } catch (IOException | InvalidPathException e) {
            throw unreadable(kind, file, String.valueOf(e.getMessage()), e);
        }
    }

    private static IllegalArgumentException unreadable(String kind, String file, String why, Exception cause) {
        return new IllegalArgumentException("parsing " + kind + " file \"" + file + "\": " + why, cause);
    }
}

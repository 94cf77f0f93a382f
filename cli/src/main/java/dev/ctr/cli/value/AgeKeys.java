package dev.ctr.cli.value;

import dev.ctr.archive.Identities;
import dev.ctr.archive.Recipients;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The keys that {@code --encrypt} and {@code --identity} name. */
public final class AgeKeys {
    private AgeKeys() {}

    /**
     * Whom an archive is encrypted for.
     *
     * @param words recipients, or files of them after an {@code @}
     * @throws Failure if a file cannot be read
     * @throws IllegalArgumentException if a word is no recipient
     */
    public static Recipients recipients(List<String> words) {
        try {
            return Recipients.parse(words);
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * The secret keys that open an archive.
     *
     * @throws Failure if a file cannot be read
     * @throws IllegalArgumentException if a file has something else
     */
    public static Identities identities(List<Path> files) {
        try {
            return Identities.read(files);
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, String.valueOf(e.getMessage()), e);
        }
    }
}

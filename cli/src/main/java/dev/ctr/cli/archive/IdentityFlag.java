package dev.ctr.cli.archive;

import dev.ctr.archive.Identities;
import dev.ctr.cli.value.AgeKeys;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** {@code --identity}: what opens encrypted archives. */
final class IdentityFlag {
    @Option(
            names = "--identity",
            paramLabel = "FILE",
            description = "A file with the secret key of a recipient of an encrypted archive")
    private List<Path> files = new ArrayList<>();

    /** The keys. */
    Identities identities() {
        return AgeKeys.identities(files);
    }
}

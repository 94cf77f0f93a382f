package dev.ctr.cli.archive;

import dev.ctr.archive.Identities;
import dev.ctr.archive.inspect.ArchiveSource;
import dev.ctr.cli.invocation.ExitCode;
import dev.ctr.cli.invocation.Failure;
import dev.ctr.cli.invocation.Invocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * An archive that a command was given: a file, or {@code -} for standard input, which is copied to a temporary file because an
 * archive may be read more than once. Closing deletes that.
 */
final class ArchiveArgument implements AutoCloseable {
    private static final String STANDARD_INPUT = "-";

    private final ArchiveSource source;
    private final boolean temporary;

    /** Something that reads an archive. */
    @FunctionalInterface
    interface Reading<T> {
        T read(ArchiveSource source) throws IOException;
    }

    private ArchiveArgument(ArchiveSource source, boolean temporary) {
        this.source = source;
        this.temporary = temporary;
    }

    static ArchiveArgument open(Invocation ctr, String argument, Identities identities) {
        if (!argument.equals(STANDARD_INPUT)) {
            return new ArchiveArgument(new ArchiveSource(Path.of(argument), identities), false);
        }
        try {
            Path copy = Files.createTempFile("ctr-archive-", ".tmp");
            try {
                Files.copy(ctr.streams().in(), copy, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException | RuntimeException e) {
                Files.delete(copy);
                throw e;
            }
            return new ArchiveArgument(new ArchiveSource(copy, identities), true);
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, "cannot read the archive from standard input: " + e.getMessage(), e);
        }
    }

    ArchiveSource source() {
        return source;
    }

    /** Reads it; what goes wrong becomes the command's failure. */
    <T> T read(Reading<T> reading) {
        try {
            return reading.read(source);
        } catch (IOException e) {
            throw new Failure(ExitCode.CTR, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void close() {
        if (temporary) {
            try {
                Files.delete(source.file());
            } catch (IOException e) {
                throw new Failure(ExitCode.CTR, "cannot delete " + source.file() + ": " + e.getMessage(), e);
            }
        }
    }
}

package dev.ctr.archive;

import dev.ctr.archive.ArchiveException.Code;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A checkpoint archive's entries as files in a directory. Tars inside it are still tars.
 *
 * @param directory where they are
 * @param source the archive, as an error names it
 * @param entries the names of its entries, in their order, as {@link ArchiveEntries} has them
 * @param warnings entries that were left out, a sentence each
 * @param rawBytes content of its files
 * @param manifest what the archive says of itself, which was verified; empty if it says nothing, as those of other programs
 */
public record UnpackedArchive(
        Path directory,
        String source,
        List<String> entries,
        List<String> warnings,
        long rawBytes,
        Optional<ArchiveManifest> manifest) {
    /** Makes the lists immutable. */
    public UnpackedArchive {
        entries = List.copyOf(entries);
        warnings = List.copyOf(warnings);
    }

    /** Whether the archive has this entry, or anything in this directory. */
    public boolean has(String name) {
        return Files.exists(file(name), LinkOption.NOFOLLOW_LINKS);
    }

    /** Where an entry is, or would be. */
    public Path file(String name) {
        return directory.resolve(name);
    }

    /**
     * Where an entry is.
     *
     * @throws ArchiveException if the archive does not have it
     */
    public Path require(String name) throws ArchiveException {
        if (!has(name)) {
            throw missing(source, name);
        }
        return file(name);
    }

    static ArchiveException missing(String source, String name) {
        return new ArchiveException(
                Code.MISSING_ENTRY,
                "%s has no entry \"%s\": it is no checkpoint archive, or not a whole one".formatted(source, name));
    }
}

package dev.ctr.archive;

import java.util.List;
import java.util.Optional;

/**
 * What {@link CheckpointArchiveReader#verify} found.
 *
 * @param manifest what the archive says of itself, if it does
 * @param differences what is not as it was written, one clause each; empty if all is
 * @param entries how many entries were read
 * @param rawBytes content of its files, as far as it was read
 */
public record ArchiveVerification(
        Optional<ArchiveManifest> manifest, List<String> differences, long entries, long rawBytes) {
    /** Makes the list immutable. */
    public ArchiveVerification {
        differences = List.copyOf(differences);
    }

    /** The finding of an archive that cannot even be read. */
    public static ArchiveVerification damaged(String difference) {
        return new ArchiveVerification(Optional.empty(), List.of(difference), 0, 0);
    }

    /** Whether every byte is as it was written. */
    public boolean isIntact() {
        return manifest.isPresent() && differences.isEmpty();
    }
}

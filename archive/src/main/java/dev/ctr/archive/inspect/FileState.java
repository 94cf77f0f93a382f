package dev.ctr.archive.inspect;

import dev.ctr.archive.ArchivedEntry;
import java.util.Optional;

/**
 * A changed file as an archive has it, as far as two archives are compared; when it was changed does not count.
 *
 * @param entry its attributes; none if the file was deleted
 * @param digest tells contents apart
 */
record FileState(Optional<ArchivedEntry> entry, long digest) {
    static final FileState DELETED = new FileState(Optional.empty(), 0);

    /** Bytes. */
    long size() {
        return entry.map(ArchivedEntry::size).orElse(0L);
    }
}

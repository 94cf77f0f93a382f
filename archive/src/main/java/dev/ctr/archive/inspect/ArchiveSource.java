package dev.ctr.archive.inspect;

import dev.ctr.archive.CheckpointArchiveReader;
import dev.ctr.archive.ExtractionLimits;
import dev.ctr.archive.Identities;
import java.io.IOException;
import java.nio.file.Path;

/**
 * An archive that can be read several times.
 *
 * @param file where it is
 * @param identities what opens it if it is encrypted
 */
public record ArchiveSource(Path file, Identities identities) {
    /** Opens it at its beginning. */
    CheckpointArchiveReader open() throws IOException {
        return CheckpointArchiveReader.open(file, identities, ExtractionLimits.GENEROUS);
    }
}

package dev.ctr.archive.inspect;

import dev.ctr.archive.CheckpointArchiveReader;
import dev.ctr.archive.ExtractionLimits;
import java.io.IOException;
import java.nio.file.Path;

/**
 * An archive that can be read several times.
 *
 * @param file where it is
 */
public record ArchiveSource(Path file) {
    /** Opens it at its beginning. */
    CheckpointArchiveReader open() throws IOException {
        return CheckpointArchiveReader.open(file, ExtractionLimits.GENEROUS);
    }
}

package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.archive.ArchiveEntries;
import dev.ctr.archive.ArchiveException;
import dev.ctr.archive.CheckpointArchiveReader;
import dev.ctr.archive.ExtractionLimits;
import dev.ctr.archive.UnpackedArchive;
import dev.ctr.criu.linux.Durable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/**
 * A checkpoint whose images are only in the archive that it was exported to: a note in the bundle tells which file that is, so that
 * the container can be restored in place as long as the file is there.
 *
 * @param archive the file
 * @param size its size in bytes when it was written
 * @param modified its time of modification then, as its file system tells it
 */
record ExportedCheckpoint(Path archive, long size, String modified) {
    private static final String NOTE = "exported.json";

    /** Notes that a container's checkpoint is in this archive, which is complete. */
    static void note(ContainerPaths paths, Path archive) throws IOException {
        Path real = archive.toRealPath();
        BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
        ObjectNode json = Json.MAPPER
                .createObjectNode()
                .put("archive", real.toString())
                .put("size", attributes.size())
                .put("modified", attributes.lastModifiedTime().toString());
        Durable.writeAtomically(paths.bundle().resolve(NOTE), Json.pretty(json), ContainerStore.OWNER_ONLY);
    }

    static void forget(ContainerPaths paths) throws IOException {
        Files.deleteIfExists(paths.bundle().resolve(NOTE));
    }

    static Optional<ExportedCheckpoint> find(ContainerPaths paths) throws IOException {
        Path note = paths.bundle().resolve(NOTE);
        if (!Files.exists(note)) {
            return Optional.empty();
        }
        JsonNode json = Json.readObject(note);
        return Optional.of(new ExportedCheckpoint(
                Path.of(json.path("archive").asText()),
                json.path("size").asLong(),
                json.path("modified").asText()));
    }

    /** Puts the images back where a restore in place looks for them. */
    void bringBack(LockedContainer container) throws IOException {
        requireUnchanged(container);
        try (Staging staging = Staging.create(container.engine().options().root());
                CheckpointArchiveReader reader = CheckpointArchiveReader.open(archive, ExtractionLimits.GENEROUS)) {
            UnpackedArchive unpacked = reader.unpackTo(staging.directory());
            ContainerPaths paths = container.paths();
            CheckpointFiles.deleteImages(paths);
            Files.move(unpacked.require(ArchiveEntries.CHECKPOINT), paths.checkpoint());
        } catch (ArchiveException e) {
            throw ArchiveImport.bad(e);
        }
    }

    private void requireUnchanged(LockedContainer container) throws IOException {
        boolean unchanged = Files.isRegularFile(archive);
        if (unchanged) {
            BasicFileAttributes attributes = Files.readAttributes(archive, BasicFileAttributes.class);
            unchanged = attributes.size() == size
                    && attributes.lastModifiedTime().toString().equals(modified);
        }
        if (!unchanged) {
            throw new EngineException(
                    EngineException.Code.STATE_IMPROPER,
                    "the checkpoint of " + container.config().name() + " was exported to " + archive
                            + ", which is not there any more as it was: give the archive with --import");
        }
    }
}

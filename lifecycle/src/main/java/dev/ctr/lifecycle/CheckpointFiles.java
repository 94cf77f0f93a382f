package dev.ctr.lifecycle;

import dev.ctr.archive.ArchiveEntries;
import dev.ctr.criu.linux.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The files of a checkpoint in a container's bundle. */
final class CheckpointFiles {
    private static final String COMPLETE = "Dumping finished successfully";
    private static final List<String> LOGS = List.of("dump.log", "restore.log", "stats-dump", "stats-restore");

    private static final List<String> UNPACKED_DIRECTORIES = List.of(ArchiveEntries.CHECKPOINT, ArchiveEntries.VOLUMES);
    private static final List<String> UNPACKED_FILES = List.of(
            ArchiveEntries.CONFIG_DUMP,
            ArchiveEntries.SPEC_DUMP,
            ArchiveEntries.NETWORK_STATUS,
            ArchiveEntries.DEVSHM_TAR,
            ArchiveEntries.ROOTFS_DIFF_TAR,
            ArchiveEntries.DELETED_FILES);

    private CheckpointFiles() {}

    /** Whether CRIU has finished the images in the bundle. */
    static boolean isComplete(ContainerPaths paths) throws IOException {
        Path log = paths.bundle().resolve("dump.log");
        return isRestorable(paths)
                && Files.exists(log)
                && Files.readString(log, StandardCharsets.ISO_8859_1).contains(COMPLETE);
    }

    /** Whether there are images that look whole. */
    static boolean isRestorable(ContainerPaths paths) {
        return Files.exists(paths.checkpoint().resolve("inventory.img"))
                && Files.exists(paths.checkpoint().resolve("descriptors.json"));
    }

    /** How many bytes of memory the images hold. */
    static long pageBytes(ContainerPaths paths) throws IOException {
        long bytes = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(paths.checkpoint(), "pages-*.img")) {
            for (Path file : files) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }

    static void deleteImages(ContainerPaths paths) throws IOException {
        CheckpointMemory.discard(paths);
        Trees.delete(paths.checkpoint());
    }

    /** Deletes everything that a checkpoint or a restore has put into the bundle, except the images. */
    static void deleteLogs(ContainerPaths paths) throws IOException {
        for (String log : LOGS) {
            Files.deleteIfExists(paths.bundle().resolve(log));
        }
    }

    /** Deletes what an archive was unpacked into. */
    static void deleteUnpacked(ContainerPaths paths) throws IOException {
        ExportedCheckpoint.forget(paths);
        for (String directory : UNPACKED_DIRECTORIES) {
            Trees.delete(paths.bundle().resolve(directory));
        }
        for (String file : UNPACKED_FILES) {
            Files.deleteIfExists(paths.bundle().resolve(file));
        }
        CheckpointChain.deleteUnneeded(paths);
    }
}

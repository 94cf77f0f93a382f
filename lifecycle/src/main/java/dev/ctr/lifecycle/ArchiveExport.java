package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.archive.ArchiveChain;
import dev.ctr.archive.ArchiveCopy;
import dev.ctr.archive.ArchiveEntries;
import dev.ctr.archive.CheckpointArchiveWriter;
import dev.ctr.archive.CheckpointLevels;
import dev.ctr.archive.Recipients;
import dev.ctr.archive.RootfsChanges;
import dev.ctr.archive.TarPlan;
import dev.ctr.criu.CriuLog;
import dev.ctr.criu.linux.Trees;
import dev.ctr.lifecycle.storage.RootFilesystem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes a checkpoint as an archive, in two parts: what must be of one moment while the tasks are frozen, the rest when
 * CRIU has finished. Without an archive to write every step does nothing.
 */
final class ArchiveExport implements AutoCloseable {
    /** Where podman keeps volumes unless told otherwise: it mounts them from where spec.dump says. */
    private static final String PODMAN_VOLUMES = "/var/lib/containers/storage/volumes/";

    /** The archive's form is libpod's, and this is by what checkpointctl and others know which form to read. */
    private static final String ARCHIVE_MANAGER = "libpod";

    private final LockedContainer container;
    private final CheckpointOptions options;
    private final ContainerPaths paths;
    private final @Nullable CheckpointArchiveWriter writer;
    private final @Nullable CheckpointImage image;
    private final DumpTrace trace;
    private final List<String> warnings = new ArrayList<>();
    private boolean described;
    private long frozenNanos;
    private long rootfsBytes;
    private long volumeBytes;

    private ArchiveExport(
            LockedContainer container,
            CheckpointOptions options,
            @Nullable CheckpointArchiveWriter writer,
            @Nullable CheckpointImage image)
            throws IOException {
        this.container = container;
        this.options = options;
        this.paths = container.paths();
        this.writer = writer;
        this.image = image;
        if (writer != null) {
            writer.writtenBy(TargetRequirements.thisProgram());
        }
        this.trace = DumpTrace.before(container.resources().rootFilesystem());
    }

    static ArchiveExport open(LockedContainer container, CheckpointOptions options)
            throws IOException, InterruptedException {
        if (options.imageName == null) {
            return new ArchiveExport(container, options, writer(options, ArchiveCopy.NONE), null);
        }
        CheckpointImage image = CheckpointImage.open(container, options.imageName, options.compression);
        try {
            return new ArchiveExport(container, options, writer(options, image.layer()), image);
        } catch (IOException | RuntimeException e) {
            image.close();
            throw e;
        }
    }

    private static @Nullable CheckpointArchiveWriter writer(CheckpointOptions options, ArchiveCopy copy)
            throws IOException {
        if (options.exportFile != null) {
            return CheckpointArchiveWriter.create(
                    options.exportFile, options.compression, options.threads, options.recipients, copy);
        }
        if (options.exportStream != null) {
            return CheckpointArchiveWriter.to(
                    options.exportStream, options.compression, options.threads, options.recipients, copy);
        }
        return options.imageName == null
                ? null
                : CheckpointArchiveWriter.to(
                        OutputStream.nullOutputStream(), options.compression, options.threads, Recipients.NONE, copy);
    }

    /** The file that grows until the archive is complete. */
    Optional<Path> temporaryFile() {
        return writer == null ? Optional.empty() : writer.temporaryFile();
    }

    /**
     * Writes everything that belongs to the moment of the dump. When the tasks are to end, that is all there is but CRIU's
     * statistics, so that they end only after their archive is on its way; when they are to go on, it is what they could
     * change.
     */
    void writeFrozen(JsonNode networkStatus) throws IOException {
        if (writer == null) {
            return;
        }
        long begin = System.nanoTime();
        writeDescription();
        writer.addBytes(ArchiveEntries.NETWORK_STATUS, Json.pretty(networkStatus));
        writer.addFile(ArchiveEntries.DEVSHM_TAR, paths.bundle().resolve(ArchiveEntries.DEVSHM_TAR));
        writeRootfsChanges();
        writeVolumes();
        if (!options.leaveRunning) {
            writeImages();
        }
        frozenNanos = System.nanoTime() - begin;
    }

    /**
     * Writes levels of a chain of pre-checkpoints. They do not change any more, so it is done before anything is frozen.
     *
     * @param lowest the first of them that is wanted
     * @param highest the last level that the archive will hold, the checkpoint that ends the chain being one above the others
     */
    void writeLevels(CheckpointChain chain, int lowest, int highest) throws IOException {
        if (writer == null) {
            return;
        }
        writer.chain(new ArchiveChain(chain.id(), highest, lowest, chain.digest(lowest - 1)));
        writeDescription();
        for (int level = lowest; level <= chain.depth(); level++) {
            writer.addTree(CheckpointLevels.directory(level), chain.directory(level));
        }
    }

    /** Writes what tells of which container this is, where it was not yet written. It does not change while it is dumped. */
    void writeDescription() throws IOException {
        if (writer != null && !described) {
            described = true;
            open().addBytes(ArchiveEntries.CONFIG_DUMP, Json.pretty(exportedConfiguration()));
            open().addBytes(ArchiveEntries.SPEC_DUMP, Json.pretty(exportedSpecification()));
        }
    }

    /** Writes, for a {@link Rehearsal}, what stands for CRIU's images, and looks for what of the root file system will be written. */
    void writeInsteadOfImages(JsonNode networkStatus, int bytes) throws IOException {
        CheckpointArchiveWriter out = open();
        out.addBytes(ArchiveEntries.NETWORK_STATUS, Json.pretty(networkStatus));
        Path images = paths.runDirectory().resolve("rehearsal");
        try {
            Files.createDirectories(images);
            Files.write(images.resolve("inventory.img"), new byte[1]);
            Files.write(images.resolve("descriptors.json"), new byte[1]);
            Files.write(images.resolve("pages-1.img"), new byte[bytes]);
            out.addTree(ArchiveEntries.CHECKPOINT, images);
        } finally {
            Trees.delete(images);
        }
        RootFilesystem root = container.resources().rootFilesystem();
        if (!root.plain()) {
            RootfsDifference.of(root, paths, trace.places()).tarPlan();
        }
    }

    private void writeImages() throws IOException {
        CheckpointArchiveWriter out = open();
        out.addTree(ArchiveEntries.CHECKPOINT, paths.checkpoint());
        if (Files.exists(paths.log())) {
            out.addFile(ArchiveEntries.LOG, paths.log());
        }
    }

    private CheckpointArchiveWriter open() {
        if (writer == null) {
            throw new IllegalStateException("there is no archive to write");
        }
        return writer;
    }

    /** Without what belongs to this host alone. */
    private ObjectNode exportedConfiguration() {
        ObjectNode config = container.config().toJson();
        config.remove(List.of("ctrConmonPidFile", "ctrPidFile", ContainerConfig.PAUSED_IN_CHECKPOINT));
        config.put("runtime", container.config().runtimeName());
        if (container.state().status() == ContainerStatus.PAUSED) {
            config.put(ContainerConfig.PAUSED_IN_CHECKPOINT, true);
        }
        return config;
    }

    private ObjectNode exportedSpecification() throws IOException {
        ObjectNode spec = Json.readObject(paths.bundle().resolve("config.json"));
        ObjectNode annotations = spec.withObjectProperty("annotations");
        annotations.remove(BundleSpec.CRIU_CONFIGURATION);
        annotations.put(BundleSpec.MANAGER, ARCHIVE_MANAGER);
        for (ContainerConfig.NamedVolume volume : container.config().namedVolumes()) {
            for (JsonNode mount : spec.path("mounts")) {
                if (mount.path("destination").asText().equals(volume.destination())) {
                    ((ObjectNode) mount).put("source", PODMAN_VOLUMES + volume.name() + "/_data");
                }
            }
        }
        return spec;
    }

    private void writeRootfsChanges() throws IOException {
        if (options.ignoreRootfs) {
            return;
        }
        RootFilesystem root = container.resources().rootFilesystem();
        if (root.plain()) {
            warnings.add("the root file system of " + container.config().name() + " is the directory " + root.path()
                    + " itself: the archive does not hold it, and a restore needs it as it is now");
            return;
        }
        RootfsChanges changes = RootfsDifference.of(root, paths, trace.places());
        TarPlan diff = changes.tarPlan();
        if (diff.entryCount() > 0) {
            open().addTar(ArchiveEntries.ROOTFS_DIFF_TAR, diff);
            warnings.addAll(diff.warnings());
            rootfsBytes += diff.size();
        }
        if (!changes.deletedFiles().isEmpty()) {
            open().addBytes(ArchiveEntries.DELETED_FILES, Json.pretty(Json.array(changes.deletedFiles())));
        }
    }

    private void writeVolumes() throws IOException {
        if (options.ignoreVolumes) {
            return;
        }
        for (ContainerConfig.NamedVolume volume : container.config().namedVolumes()) {
            TarPlan content = TarPlan.ofDirectory(container.resources().volumeDirectory(volume));
            open().addTar(ArchiveEntries.volume(volume.name()), content);
            warnings.addAll(content.warnings());
            volumeBytes += content.size();
        }
    }

    /** Writes the rest. The disk goes on taking the archive until the {@link #commit}. */
    void finish() throws IOException {
        if (writer == null) {
            return;
        }
        options.progress.report("archive", 0, 0);
        if (options.leaveRunning) {
            writeImages();
        }
        Path statistics = paths.bundle().resolve(ArchiveEntries.STATS_DUMP);
        if (Files.exists(statistics)) {
            writer.addFile(ArchiveEntries.STATS_DUMP, statistics);
        }
        if (Files.isDirectory(paths.artifacts())) {
            writer.addTree(ArchiveEntries.ARTIFACTS, paths.artifacts());
        } else {
            writer.addDirectory(ArchiveEntries.ARTIFACTS, 0755);
        }
        writer.requires(TargetRequirements.ofThisHost(paths.bundle().resolve(CriuLog.DUMP_FILE)));
        writer.complete();
    }

    /** Makes the archive and the image appear under their names, with what they have. */
    void commit() throws IOException {
        if (writer != null) {
            writer.commit();
        }
        if (image != null) {
            image.commit();
        }
    }

    /** How long the tasks waited for the archive. */
    long frozenNanos() {
        return frozenNanos;
    }

    /** What the archive has of the container. */
    HandOverResult.Content content() throws IOException {
        return new HandOverResult.Content(CheckpointFiles.pageBytes(paths), rootfsBytes, volumeBytes);
    }

    /** The archive's size so far. */
    long bytesWritten() {
        return writer == null ? 0 : writer.compressedBytes();
    }

    List<String> warnings() {
        return warnings;
    }

    /** Leaves nothing of an archive that was not finished. */
    @Override
    public void close() throws IOException {
        try {
            if (writer != null) {
                writer.close();
            }
        } finally {
            if (image != null) {
                image.close();
            }
        }
    }
}

package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.archive.ArchiveEntries;
import dev.ctr.archive.ArchiveException;
import dev.ctr.archive.CheckpointArchiveReader;
import dev.ctr.archive.DeletedFiles;
import dev.ctr.archive.TarExtractor;
import dev.ctr.archive.UnpackedArchive;
import dev.ctr.criu.linux.Trees;
import dev.ctr.lifecycle.PendingOperation.Kind;
import dev.ctr.lifecycle.storage.RootFilesystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Adds a container from a checkpoint archive and lets it go on.
 *
 * <ol>
 *   <li>the archive is unpacked into a directory of its own and its description of the container is checked against this
 *       host: names, image, volumes, policy. Until here nothing was touched;
 *   <li>the container is created, with the import written down as pending;
 *   <li>the root file system and the volumes get their content, and the processes are restored.
 * </ol>
 *
 * <p>A failure at any step, and a process that dies at any step, leaves no container: whoever comes next finds the pending
 * import and removes it, unless the container runs already.
 */
final class ArchiveImport {
    private final EngineContext engine;
    private final RestoreOptions options;
    private final Optional<TakingOver> takingOver;
    private final Set<String> warnings = new LinkedHashSet<>();
    private RestoreTimes times = new RestoreTimes();

    ArchiveImport(EngineContext engine, RestoreOptions options) {
        this(engine, options, Optional.empty());
    }

    /** @param takingOver what holds the container until it may run, if anything does */
    ArchiveImport(EngineContext engine, RestoreOptions options, Optional<TakingOver> takingOver) {
        this.takingOver = takingOver;
        this.engine = engine;
        this.options = options;
    }

    /** Opens an archive, once. */
    @FunctionalInterface
    interface Source {
        CheckpointArchiveReader open() throws IOException, InterruptedException;
    }

    RestoreResult run(Source archive) throws IOException, InterruptedException {
        try (Staging staging = Staging.create(engine.options().root())) {
            UnpackedArchive unpacked = unpack(archive, staging.directory());
            ImportedDescription description = describe(unpacked);
            accept(unpacked, description);
            return create(description, unpacked, container -> finish(container, restoration(container)));
        } catch (ArchiveException e) {
            throw bad(e);
        }
    }

    /**
     * Makes what a {@link Rehearsal} tells of before there is an archive: the container, and its place in the networks. So nothing of that
     * is left to do while the container waits.
     */
    RestoreResult run(Source rehearsal, Source archive) throws IOException, InterruptedException {
        try (Staging staging = Staging.create(engine.options().root())) {
            UnpackedArchive rehearsed =
                    unpack(rehearsal, Files.createDirectory(staging.directory().resolve("rehearsal")));
            ImportedDescription description = describe(rehearsed);
            return create(description, rehearsed, container -> {
                Restoration restoration = restoration(container);
                restoration.tryOut();
                UnpackedArchive unpacked = unpack(
                        archive, Files.createDirectory(staging.directory().resolve("archive")));
                accept(unpacked, description);
                Trees.delete(container.paths().bundle());
                Files.move(unpacked.directory(), container.paths().bundle());
                return finish(container, restoration);
            });
        } catch (ArchiveException e) {
            throw bad(e);
        }
    }

    private UnpackedArchive unpack(Source archive, Path directory) throws IOException, InterruptedException {
        try (CheckpointArchiveReader reader = archive.open()) {
            times = new RestoreTimes();
            options.progress.report("unpack", 0, 0);
            UnpackedArchive unpacked = reader.unpackTo(directory);
            warnings.addAll(checkManifest(unpacked));
            return unpacked;
        }
    }

    private ImportedDescription describe(UnpackedArchive archive) throws IOException {
        ImportedDescription description = new ImportedDescription(engine, options, archive);
        warnings.addAll(description.warnings());
        return description;
    }

    /** Completes the chain that an archive may be the last of, and checks what its images ask for. */
    private void accept(UnpackedArchive archive, ImportedDescription description)
            throws IOException, InterruptedException {
        warnings.addAll(archive.warnings());
        for (UnpackedArchive previous : new ChainImport(archive).complete(options)) {
            warnings.addAll(checkManifest(previous));
        }
        description.adapt(archive);
        new DumpPolicy(options.policy, description.hostPaths(), description.config())
                .check(archive.file(ArchiveEntries.CHECKPOINT));
        times.unpacked();
    }

    private Restoration restoration(LockedContainer container) throws IOException {
        Restoration restoration = new Restoration(container, options, warnings, takingOver);
        restoration.forgetStaticAddresses();
        return restoration;
    }

    /** An archive that cannot be used, in its own words. */
    static EngineException bad(ArchiveException e) {
        return new EngineException(EngineException.Code.BAD_ARCHIVE, String.valueOf(e.getMessage()), e);
    }

    /** Refuses a container whose name is taken, before anything is unpacked. */
    void checkNames(JsonNode config) throws IOException {
        ImportedDescription.checkName(
                engine, options.name == null ? config.path("name").asText() : options.name);
    }

    /** Checks what the archive says of itself; returns what is to be said of that, a sentence each. */
    private List<String> checkManifest(UnpackedArchive archive) throws IOException, InterruptedException {
        if (archive.manifest().isPresent()) {
            return TargetRequirements.check(archive.manifest().get().requirements(), options.policy);
        }
        options.policy.requireManifest(archive);
        return List.of(
                archive.source()
                        + " has no manifest: whether it is as it was written could not be checked (--require-manifest refuses such)");
    }

    private RestoreResult create(
            ImportedDescription description, UnpackedArchive unpacked, Creation.Continuation<RestoreResult> rest)
            throws IOException, InterruptedException {
        ContainerConfig config = description.config();
        RestoreResult result = new Creation(engine)
                .create(
                        config,
                        state -> state.begins(pending()).withPausedInCheckpoint(config.pausedInCheckpoint()),
                        paths -> Files.move(unpacked.directory(), paths.bundle()),
                        container -> orUndo(container, rest));
        confirm(config);
        return result;
    }

    private PendingOperation pending() {
        return takingOver
                .map(held -> PendingOperation.takeOver(held.token()))
                .orElseGet(() -> PendingOperation.of(Kind.IMPORT));
    }

    /** Keeps a new member of a pod only if the pod is still there. */
    private void confirm(ContainerConfig config) throws IOException {
        try {
            new Dependencies(engine, config).confirm();
        } catch (EngineException e) {
            Undo.after(e, () -> new Container(engine, config.id()).remove(true, true));
            throw e;
        }
    }

    private RestoreResult orUndo(LockedContainer container, Creation.Continuation<RestoreResult> rest)
            throws IOException, InterruptedException {
        try {
            return rest.apply(container);
        } catch (RuntimeException | IOException | InterruptedException e) {
            if (takingOver.filter(TakingOver::isGranted).isPresent()) {
                Undo.after(e, () -> new Recovery(container).run(pending()));
                throw e;
            }
            Undo.after(e, () -> Removal.undoImport(container));
            throw e;
        }
    }

    private RestoreResult finish(LockedContainer container, Restoration restoration)
            throws IOException, InterruptedException {
        restoration.measureBy(times);
        if (options.filesArrived != null) {
            options.filesArrived.awaitComplete();
        }
        createVolumes(container);
        RootFilesystem root = container.resources().rootFilesystem();
        if (options.filesArrived != null && !root.plain()) {
            options.filesArrived.moveRootfs(root.upper());
        }
        root.mount();
        applyFiles(container);
        times.filled();
        new Dependencies(engine, container.config()).start();
        RestoreResult result = restoration.result(restoration.restore());
        restoration.tidy();
        return result;
    }

    private void createVolumes(LockedContainer container) throws IOException {
        for (ContainerConfig.NamedVolume volume : container.config().namedVolumes()) {
            if (engine.volumes().find(volume.name()).isEmpty()) {
                engine.volumes()
                        .createImported(
                                container.config().id().hex(),
                                volume.name(),
                                volume.anonymous(),
                                !options.ignoreVolumes);
                if (options.ignoreVolumes) {
                    continue;
                }
                if (options.filesArrived != null) {
                    options.filesArrived.moveVolume(
                            volume.name(), container.resources().volumeDirectory(volume));
                } else {
                    Path tar = container.paths().bundle().resolve(ArchiveEntries.volume(volume.name()));
                    Restoration.fill(tar, container.resources().volumeDirectory(volume), options.policy);
                }
            }
        }
    }

    /** Brings the root file system to where it was: what was added or changed, then what was deleted. */
    private void applyFiles(LockedContainer container) throws IOException {
        if (options.ignoreRootfs || !container.config().hasOwnLayer()) {
            return;
        }
        Path bundle = container.paths().bundle();
        Path root = container.resources().rootFilesystem().path();
        if (options.filesArrived != null) {
            options.filesArrived.deleteHidden(root);
            return;
        }
        Restoration.fill(bundle.resolve(ArchiveEntries.ROOTFS_DIFF_TAR), root, options.policy);
        Path deleted = bundle.resolve(ArchiveEntries.DELETED_FILES);
        if (Files.exists(deleted)) {
            TarExtractor.deleteInside(root, DeletedFiles.read(deleted));
        }
    }
}

package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.archive.ArchiveEntries;
import dev.ctr.archive.ArchiveException;
import dev.ctr.archive.CheckpointArchiveReader;
import dev.ctr.archive.DeletedFiles;
import dev.ctr.archive.TarExtractor;
import dev.ctr.archive.UnpackedArchive;
import dev.ctr.lifecycle.PendingOperation.Kind;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.storage.RootFilesystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

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
    /** The runtimes that an archive may choose, by the names under which they are looked up on this host. */
    private static final Set<String> RUNTIMES = Set.of("runc", "crun");

    private final EngineContext engine;
    private final RestoreOptions options;
    private final ImportPolicy policy;
    private final RestoreTimes times = new RestoreTimes();
    private final Optional<TakingOver> takingOver;

    ArchiveImport(EngineContext engine, RestoreOptions options) {
        this(engine, options, Optional.empty());
    }

    /** @param takingOver what holds the container until it may run, if anything does */
    ArchiveImport(EngineContext engine, RestoreOptions options, Optional<TakingOver> takingOver) {
        this.takingOver = takingOver;
        this.engine = engine;
        this.options = options;
        this.policy = new ImportPolicy(options.policy, engine.options().root());
    }

    RestoreResult run(CheckpointArchiveReader archive) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        try (Staging staging = Staging.create(engine.options().root())) {
            options.progress.report("unpack", 0, 0);
            UnpackedArchive unpacked = archive.unpackTo(staging.directory());
            List<String> warnings = new ArrayList<>(unpacked.warnings());
            warnings.addAll(checkManifest(unpacked));
            for (UnpackedArchive previous : new ChainImport(unpacked).complete(options)) {
                warnings.addAll(checkManifest(previous));
            }
            ContainerConfig config = describe(unpacked);
            warnings.addAll(policy.warnings());
            new DumpPolicy(options.policy, policy.hostPaths(), config).check(unpacked.file(ArchiveEntries.CHECKPOINT));
            times.unpacked();
            return restore(config, unpacked, warnings, begin);
        } catch (ArchiveException e) {
            throw bad(e);
        }
    }

    /** An archive that cannot be used, in its own words. */
    static EngineException bad(ArchiveException e) {
        return new EngineException(EngineException.Code.BAD_ARCHIVE, String.valueOf(e.getMessage()), e);
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

    /** The container that the archive describes, as this host accepts it. */
    private ContainerConfig describe(UnpackedArchive archive) throws IOException {
        try {
            return withFreeVolumes(description(archive), archive);
        } catch (EngineException e) {
            throw e;
        } catch (RuntimeException e) {
            // A value of another kind than libpod or the OCI specification have at its place, which no program writes.
            throw new EngineException(
                    EngineException.Code.BAD_ARCHIVE,
                    archive.source() + " describes its container in a form that is none (" + e.getMessage()
                            + "): do not trust this archive",
                    e);
        }
    }

    private ContainerConfig description(UnpackedArchive archive) throws IOException {
        ObjectNode config = Json.readObject(archive.require(ArchiveEntries.CONFIG_DUMP));
        ObjectNode spec = Json.readObject(archive.require(ArchiveEntries.SPEC_DUMP));
        archive.require(ArchiveEntries.CHECKPOINT + "inventory.img");
        archive.require(ArchiveEntries.CHECKPOINT + "descriptors.json");
        checkNames(config);
        ContainerConfig foreign = ContainerConfig.of(config);
        foreign.exposedPorts();
        foreign.healthCheck();
        PodPlacement place = PodPlacement.of(engine, foreign, options.pod);
        ObjectNode accepted = policy.accept(place.withoutSharedNamespaces(spec), mountedByTheEngine(foreign));
        checkVolumes(foreign);
        ObjectNode local = localized(config, foreign, accepted);
        place.putInto(local, engine.options());
        return ContainerConfig.of(local);
    }

    /** Where the engine mounts volumes, overlays and images, all of which this host has or will have. */
    private Set<String> mountedByTheEngine(ContainerConfig foreign) throws IOException {
        Set<String> places = new TreeSet<>();
        foreign.namedVolumes().forEach(volume -> places.add(volume.destination()));
        for (ContainerConfig.OverlayVolume volume : foreign.overlayVolumes()) {
            policy.hostPaths().acceptBind(volume.source(), volume.destination());
            places.add(volume.destination());
        }
        for (StorageOptions.ImageMount mount : foreign.imageMounts()) {
            if (engine.images().find(mount.image()).isEmpty()) {
                throw new EngineException(
                        EngineException.Code.NO_SUCH_IMAGE,
                        "the image " + mount.image() + " that the container mounts at " + mount.destination()
                                + " is not in the store: bring it with ctr load or ctr import first");
            }
            places.add(mount.destination());
        }
        return places;
    }

    /** The configuration with what belongs to the other host replaced by what belongs to this one. */
    private ObjectNode localized(ObjectNode config, ContainerConfig foreign, ObjectNode spec) throws IOException {
        config.set("spec", spec);
        config.remove(List.of(
                "lockID",
                "ShmDir",
                "staticDir",
                "mounts",
                "secretsPath",
                "logPath",
                "conmonPidFile",
                "pid_file",
                "ctrConmonPidFile",
                "ctrPidFile",
                "ctrInitPath",
                "pause",
                ContainerConfig.HOST_CGROUP_NAMESPACE,
                "namespace"));
        ContainerId id = options.name == null ? foreignId(foreign) : ContainerId.random();
        config.put("id", id.hex());
        if (options.name != null) {
            NetworkConfiguration.renewAlias(config, foreignId(foreign), id);
        }
        config.put("name", options.name == null ? foreign.name() : options.name);
        config.put("createdTime", OffsetDateTime.now(ZoneOffset.UTC).toString());
        config.put("cgroupManager", engine.options().cgroupManager().word());
        config.put("runtime", localRuntime(foreign));
        if (options.ports != null) {
            config.set("newPortMappings", Json.MAPPER.valueToTree(options.ports));
        }
        localizeImage(config, foreign);
        return config;
    }

    private static ContainerId foreignId(ContainerConfig foreign) {
        try {
            return foreign.id();
        } catch (EngineException e) {
            throw new EngineException(EngineException.Code.BAD_ARCHIVE, "the archive's container has no valid ID", e);
        }
    }

    /** The archive may say which runtime, but only by the name of one: never which program of this host to run. */
    private String localRuntime(ContainerConfig foreign) {
        String local = engine.options().runtime();
        String localName = Path.of(local).getFileName().toString();
        String wanted = foreign.runtimeName();
        if (localName.equals(wanted)) {
            return local;
        }
        if (!options.archiveRuntime || !RUNTIMES.contains(wanted)) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "checkpoint archive was created with runtime '" + wanted + "' and cannot be restored with runtime '"
                            + localName + "'");
        }
        engine.requireRuntime(wanted);
        return wanted;
    }

    private void localizeImage(ObjectNode config, ContainerConfig foreign) throws IOException {
        if (options.rootfs != null) {
            config.remove(List.of("rootfsImageID", "rootfsImageName", "RawImageName"));
            config.put("rootfs", options.rootfs.toAbsolutePath().toString());
            return;
        }
        if (foreign.rootfs().isPresent()) {
            config.put(
                    "rootfs",
                    policy.hostPaths().acceptRootfs(foreign.rootfs().get()).toString());
            return;
        }
        String name = foreign.imageName().orElse("");
        Optional<Image> image = foreign.imageId().flatMap(engine.images()::find);
        if (image.isEmpty()) {
            image = name.isEmpty() ? Optional.empty() : engine.images().find(name);
        }
        Image local = image.orElseThrow(() -> new EngineException(
                EngineException.Code.NO_SUCH_IMAGE,
                "the image of the container, " + name + " (" + foreign.imageId().orElse("no ID")
                        + "), is not in the store: bring it with ctr load or ctr import first"));
        config.put("rootfsImageID", local.id().hex());
        config.put("rootfsImageName", name);
    }

    private void checkVolumes(ContainerConfig foreign) throws IOException {
        for (ContainerConfig.NamedVolume volume : foreign.namedVolumes()) {
            boolean exists = engine.volumes().find(volume.name()).isPresent();
            if (exists && !options.ignoreVolumes && !volume.anonymous()) {
                throw new EngineException(
                        EngineException.Code.ALREADY_EXISTS,
                        "volume with name " + volume.name()
                                + " already exists. Use --ignore-volumes to not restore content of volumes");
            }
        }
    }

    private RestoreResult restore(ContainerConfig config, UnpackedArchive archive, List<String> warnings, long begin)
            throws IOException, InterruptedException {
        RestoreResult result = new Creation(engine)
                .create(
                        config,
                        state -> state.begins(pending()).withPausedInCheckpoint(config.pausedInCheckpoint()),
                        paths -> Files.move(archive.directory(), paths.bundle()),
                        container -> finish(container, warnings, begin));
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

    /** Anonymous volumes whose names are taken get others, so that one archive can be restored any number of times. */
    private ContainerConfig withFreeVolumes(ContainerConfig config, UnpackedArchive archive) throws IOException {
        Map<String, String> renamed = new HashMap<>();
        for (ContainerConfig.NamedVolume volume : config.namedVolumes()) {
            if (volume.anonymous() && engine.volumes().find(volume.name()).isPresent()) {
                renamed.put(volume.name(), ContainerId.random().hex());
            }
        }
        for (Map.Entry<String, String> volume : renamed.entrySet()) {
            if (options.filesArrived != null) {
                options.filesArrived.renameVolume(volume.getKey(), volume.getValue());
            }
            if (archive.has(ArchiveEntries.volume(volume.getKey()))) {
                Files.move(
                        archive.file(ArchiveEntries.volume(volume.getKey())),
                        archive.file(ArchiveEntries.volume(volume.getValue())));
            }
        }
        return config.with(json -> json.path("namedVolumes").forEach(volume -> {
            String name = volume.path("volumeName").asText();
            ((ObjectNode) volume).put("volumeName", renamed.getOrDefault(name, name));
        }));
    }

    /**
     * Refuses a container whose name or ID is taken, before anything is unpacked. The same is checked for good when it is
     * created.
     */
    void checkNames(JsonNode config) throws IOException {
        String name = options.name == null ? config.path("name").asText() : options.name;
        ContainerStore.checkName(name);
        Optional<ContainerId> holder = engine.store().holder(name).filter(engine.store()::exists);
        if (holder.isPresent() && new Container(engine, holder.get()).name().equals(name)) {
            throw new Creation(engine).nameTaken(name);
        }
    }

    private RestoreResult finish(LockedContainer container, List<String> warnings, long begin)
            throws IOException, InterruptedException {
        Restoration restoration = new Restoration(container, options, warnings, takingOver);
        List<String> createdVolumes = new ArrayList<>();
        try {
            restoration.measureBy(times);
            if (options.filesArrived != null) {
                options.filesArrived.awaitComplete();
            }
            createVolumes(container, createdVolumes);
            RootFilesystem root = container.resources().rootFilesystem();
            if (options.filesArrived != null && !root.plain()) {
                options.filesArrived.moveRootfs(root.upper());
            }
            root.mount();
            applyFiles(container);
            times.filled();
            new Dependencies(engine, container.config()).start();
            restoration.forgetStaticAddresses();
            RestoreResult result = restoration.result(restoration.restore(), begin);
            restoration.tidy();
            return result;
        } catch (RuntimeException | IOException | InterruptedException e) {
            if (takingOver.filter(TakingOver::isGranted).isPresent()) {
                Undo.after(e, () -> new Recovery(container).run(pending()));
                throw e;
            }
            Undo.after(
                    e,
                    () -> Removal.remove(container, true),
                    () -> createdVolumes.forEach(engine.volumes()::removeIfPresent));
            throw e;
        }
    }

    private void createVolumes(LockedContainer container, List<String> created) throws IOException {
        for (ContainerConfig.NamedVolume volume : container.config().namedVolumes()) {
            if (engine.volumes().find(volume.name()).isEmpty()) {
                engine.volumes().create(volume.name(), volume.anonymous());
                created.add(volume.name());
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

package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.archive.ArchiveEntries;
import dev.ctr.archive.UnpackedArchive;
import dev.ctr.lifecycle.image.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an archive says of its container, as this host accepts it: checked against the names, images, volumes and runtimes that are here
 * and against the policy, with what belonged to the other host replaced. Making it touches nothing.
 */
final class ImportedDescription {
    /** The runtimes that an archive may choose, by the names under which they are looked up on this host. */
    private static final Set<String> RUNTIMES = Set.of("runc", "crun");

    private final EngineContext engine;
    private final RestoreOptions options;
    private final ImportPolicy policy;
    private final ObjectNode foreignConfig;
    private final ObjectNode foreignSpec;
    private final ContainerConfig config;

    /** Other names for anonymous volumes whose own are taken, so that one archive can be restored any number of times. */
    private final Map<String, String> renamedVolumes = new HashMap<>();

    /** @throws EngineException if the container is refused, with why */
    ImportedDescription(EngineContext engine, RestoreOptions options, UnpackedArchive archive) throws IOException {
        this.engine = engine;
        this.options = options;
        this.policy = new ImportPolicy(options.policy, engine.options().root());
        this.foreignConfig = Json.readObject(archive.require(ArchiveEntries.CONFIG_DUMP));
        this.foreignSpec = Json.readObject(archive.require(ArchiveEntries.SPEC_DUMP));
        this.config = accept(archive);
    }

    ContainerConfig config() {
        return config;
    }

    /** What is to be said of it, a sentence each. */
    List<String> warnings() {
        return policy.warnings();
    }

    /** What the policy says of paths of this host. */
    HostPaths hostPaths() {
        return policy.hostPaths();
    }

    /**
     * Gives what an archive has of the volumes the names that they have here.
     *
     * @throws EngineException with BAD_ARCHIVE if that archive describes another container
     */
    void adapt(UnpackedArchive archive) throws IOException {
        boolean same = foreignConfig.equals(Json.readObject(archive.require(ArchiveEntries.CONFIG_DUMP)))
                && foreignSpec.equals(Json.readObject(archive.require(ArchiveEntries.SPEC_DUMP)));
        if (!same) {
            throw new EngineException(
                    EngineException.Code.BAD_ARCHIVE,
                    archive.source() + " describes another container than the one that was announced: do not trust it");
        }
        requireImages(archive);
        for (Map.Entry<String, String> volume : renamedVolumes.entrySet()) {
            if (archive.has(ArchiveEntries.volume(volume.getKey()))) {
                Files.move(
                        archive.file(ArchiveEntries.volume(volume.getKey())),
                        archive.file(ArchiveEntries.volume(volume.getValue())));
            }
        }
    }

    private static void requireImages(UnpackedArchive archive) throws IOException {
        archive.require(ArchiveEntries.CHECKPOINT + "inventory.img");
        archive.require(ArchiveEntries.CHECKPOINT + "descriptors.json");
    }

    private ContainerConfig accept(UnpackedArchive archive) throws IOException {
        try {
            return withFreeVolumes(description(archive));
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
        ObjectNode config = foreignConfig.deepCopy();
        ObjectNode spec = foreignSpec.deepCopy();
        requireImages(archive);
        checkName(engine, options.name == null ? config.path("name").asText() : options.name);
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

    private ContainerConfig withFreeVolumes(ContainerConfig accepted) {
        for (ContainerConfig.NamedVolume volume : accepted.namedVolumes()) {
            if (volume.anonymous() && engine.volumes().find(volume.name()).isPresent()) {
                renamedVolumes.put(volume.name(), ContainerId.random().hex());
            }
        }
        if (options.filesArrived != null) {
            renamedVolumes.forEach(options.filesArrived::renameVolume);
        }
        return accepted.with(json -> json.path("namedVolumes").forEach(volume -> {
            String name = volume.path("volumeName").asText();
            ((ObjectNode) volume).put("volumeName", renamedVolumes.getOrDefault(name, name));
        }));
    }

    /**
     * Refuses a container whose name is taken, before anything is unpacked. The same is checked for good when it is created.
     */
    static void checkName(EngineContext engine, String name) throws IOException {
        ContainerStore.checkName(name);
        Optional<ContainerId> holder = engine.store().holder(name).filter(engine.store()::exists);
        if (holder.isPresent() && new Container(engine, holder.get()).name().equals(name)) {
            throw new Creation(engine).nameTaken(name);
        }
    }
}

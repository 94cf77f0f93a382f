package dev.ctr.lifecycle;

import dev.ctr.criu.linux.DirectoryDescriptor;
import dev.ctr.criu.linux.Durable;
import dev.ctr.criu.linux.LinuxException;
import dev.ctr.criu.linux.Mounts;
import dev.ctr.criu.linux.NetworkNamespace;
import dev.ctr.criu.linux.Trees;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.network.NetworkAttachment;
import dev.ctr.lifecycle.network.NetworkOptions;
import dev.ctr.lifecycle.network.NetworkStatus;
import dev.ctr.lifecycle.storage.RootFilesystem;
import dev.ctr.lifecycle.storage.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a container has on this host while it is made or runs: its root file system, /dev/shm, network namespace and
 * addresses, and the generated files in /etc. All of it lies at places that follow from the container's ID, so that it
 * can be released knowing nothing but the configuration.
 */
final class ContainerResources {
    private static final String NETWORK_STATUS = "network.status";
    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rw-r--r--");

    private final EngineContext engine;
    private final ContainerConfig config;
    private final ContainerPaths paths;
    private final SharedPlaces places;

    ContainerResources(EngineContext engine, ContainerConfig config) {
        this.engine = engine;
        this.config = config;
        this.paths = engine.store().paths(config.id());
        this.places = new SharedPlaces(engine.store(), config);
    }

    /** The root file system, mounted or not. */
    RootFilesystem rootFilesystem() throws IOException {
        boolean plain = !config.hasOwnLayer();
        return new RootFilesystem(lower(), paths.upper(), paths.work(), paths.merged(), plain);
    }

    private List<Path> lower() throws IOException {
        Optional<Path> rootfs = config.rootfs();
        if (rootfs.isPresent()) {
            if (!Files.isDirectory(rootfs.get())) {
                throw new EngineException(
                        EngineException.Code.IO,
                        "the root file system of " + config.name() + " is not there: " + rootfs.get()
                                + " is no directory");
            }
            return List.of(rootfs.get());
        }
        return engine.images().layers(image());
    }

    private Image image() throws IOException {
        String id = config.imageId().orElse("");
        return engine.images()
                .find(id)
                .orElseThrow(() -> new EngineException(
                        EngineException.Code.NO_SUCH_IMAGE,
                        "the image of " + config.name() + ", " + config.imageAsGiven() + " (" + id
                                + "), is not in the store"));
    }

    /**
     * Makes and mounts everything.
     *
     * @param networks how to join the networks this time
     * @return the addresses that the container got
     */
    Map<String, NetworkStatus> prepare(Map<String, NetworkOptions> networks) throws IOException, InterruptedException {
        mount();
        Map<String, NetworkStatus> status = joinNetworks(networks, false);
        publish(status);
        return status;
    }

    /** Makes the directories and mounts. */
    void mount() throws IOException {
        Files.createDirectories(paths.runDirectory());
        Files.createDirectories(paths.bundle());
        Files.createDirectories(paths.exits());
        Files.deleteIfExists(paths.exitCode());
        for (String stale : List.of("attach", "ctl", "winsz")) {
            Files.deleteIfExists(paths.bundle().resolve(stale));
        }
        rootFilesystem().mount();
        new OverlayMounts(engine, config).mount();
        if (places.ownsShm()) {
            mountShm();
        }
    }

    /** Writes the files that tell the container, and others, of the addresses that it has got. */
    void publish(Map<String, NetworkStatus> status) throws IOException, InterruptedException {
        generatedFiles().write(status);
        passwordFiles().prepare();
        publishNames(status);
    }

    private void mountShm() throws IOException {
        Files.createDirectories(paths.shm());
        if (!Mounts.isMounted(paths.shm())) {
            Mounts.mount(
                    "shm",
                    paths.shm(),
                    "tmpfs",
                    Mounts.NOSUID | Mounts.NODEV | Mounts.NOEXEC,
                    "mode=1777,size=" + config.shmBytes());
        }
    }

    /**
     * Makes the network namespace, and joins the networks.
     *
     * @param held whether it is to be kept off the networks for the time being, its interfaces being joined to nothing
     * @return the addresses that the container has got
     */
    Map<String, NetworkStatus> joinNetworks(Map<String, NetworkOptions> networks, boolean held)
            throws IOException, InterruptedException {
        if (!config.ownsNetworkNamespace()) {
            return Map.of();
        }
        Files.createDirectories(paths.runDirectory());
        NetworkNamespace.create(paths.networkNamespace());
        NetworkAttachment attachment = attachment(networks);
        Map<String, NetworkStatus> status = held
                ? engine.networks().attachHeld(attachment)
                : engine.networks().attach(attachment);
        writeNetworkStatus(status);
        return status;
    }

    /** What it wants of some networks. Without any, there is nothing to publish ports through. */
    NetworkAttachment attachment(Map<String, NetworkOptions> networks) {
        return new NetworkAttachment(
                config.id().hex(),
                config.name(),
                paths.networkNamespace(),
                paths.networkState(),
                networks,
                networks.isEmpty() ? List.of() : config.ports());
    }

    /** The addresses that the container has at present, be they of a network namespace that it shares. */
    Map<String, NetworkStatus> networkStatus() throws IOException {
        Path file = places.networkFiles().resolve(NETWORK_STATUS);
        return Files.exists(file) ? NetworkStatus.mapFromJson(Json.readObject(file)) : Map.of();
    }

    /** Saves the addresses that the container has got. */
    void writeNetworkStatus(Map<String, NetworkStatus> status) throws IOException {
        Durable.writeAtomically(
                paths.runDirectory().resolve(NETWORK_STATUS),
                Json.MAPPER.writeValueAsBytes(NetworkStatus.mapToJson(status)),
                READABLE);
    }

    /** Lets the container and those that it shares networks with find each other by name. */
    void publishNames(Map<String, NetworkStatus> status) {
        Map<String, List<String>> names = new LinkedHashMap<>();
        config.networks().forEach((network, join) -> {
            if (status.containsKey(network)) {
                names.put(
                        network,
                        Stream.concat(Stream.of(config.name()), join.aliases().stream())
                                .distinct()
                                .toList());
            }
        });
        if (!names.isEmpty()) {
            engine.networks()
                    .publishNames(paths.networkState(), generatedFiles().hostsFile(), names);
        }
    }

    /** The files that are written for it alone. */
    GeneratedFiles generatedFiles() {
        return new GeneratedFiles(config, paths, places);
    }

    /** What is mounted over the container's lists of users and groups, if anything. */
    PasswordFiles passwordFiles() throws IOException {
        return new PasswordFiles(config, rootFilesystem(), paths.runDirectory());
    }

    /** The host directory of a named volume. */
    Path volumeDirectory(ContainerConfig.NamedVolume named) {
        return volume(named).directory();
    }

    /** The host directory of a named volume, with what the image has in its place if it was never mounted before. */
    Path filledVolume(ContainerConfig.NamedVolume named) throws IOException {
        Volume volume = volume(named);
        if (named.options().contains(VolumeOptions.NO_COPY)) {
            return volume.directory();
        }
        try (DirectoryDescriptor root =
                        DirectoryDescriptor.open(rootFilesystem().path());
                DirectoryDescriptor place = root.descend(Path.of("/").relativize(Path.of(named.destination())))) {
            // The path of a descriptor is a link to the directory; only with the dot is it the directory.
            engine.volumes().copyUp(place.path().resolve("."), volume);
        } catch (LinuxException noSuchDirectory) {
            return volume.directory();
        }
        return volume.directory();
    }

    private Volume volume(ContainerConfig.NamedVolume named) {
        return engine.volumes()
                .find(named.name())
                .orElseThrow(() -> new EngineException(
                        EngineException.Code.NO_SUCH_VOLUME,
                        "the volume " + named.name() + " of " + config.name() + " does not exist"));
    }

    /**
     * Releases everything, whatever of it is there.
     *
     * @param stayMounted whether somebody else has the root file system mounted too
     */
    void release(boolean stayMounted) throws IOException, InterruptedException {
        if (places.sharesNetworkFiles()) {
            places.removeName();
        }
        if (config.ownsNetworkNamespace()) {
            engine.networks().detach(paths.networkState());
            NetworkNamespace.delete(paths.networkNamespace());
            Files.deleteIfExists(paths.runDirectory().resolve(NETWORK_STATUS));
        }
        Path runtimeState = engine.runtimeState(config);
        Mounts.unmountAllBelow(runtimeState);
        Trees.delete(runtimeState);
        Mounts.unmountAllBelow(paths.shm());
        new OverlayMounts(engine, config).unmount();
        if (config.hasOwnLayer() && !stayMounted) {
            Mounts.unmountAllBelow(paths.merged());
        }
        engine.cgroup(config).destroy();
        engine.conmonCgroup(config).removeIfEmpty();
    }
}

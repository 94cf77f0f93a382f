package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.archive.RootfsChanges;
import dev.ctr.archive.TarTree;
import dev.ctr.lifecycle.ContainerRoot.Extent;
import dev.ctr.lifecycle.PendingOperation.Kind;
import dev.ctr.lifecycle.event.EventStatus;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.image.ImageConfig;
import dev.ctr.lifecycle.image.ImageStore;
import dev.ctr.lifecycle.image.ManifestFormat;
import dev.ctr.lifecycle.image.NewLayer;
import dev.ctr.lifecycle.storage.RootFilesystem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/** Makes an image of a container: the layers of its image, and one with what the container changed. */
final class Commit {
    private final Container container;
    private final EngineContext engine;
    private final CommitOptions options;

    Commit(Container container, EngineContext engine, CommitOptions options) {
        this.container = container;
        this.engine = engine;
        this.options = options;
    }

    Image run() throws IOException, InterruptedException {
        ContainerConfig config = container.config();
        if (!options.message().isEmpty() && options.format() != ManifestFormat.DOCKER) {
            throw invalid("messages are only compatible with the docker image format (-f docker)");
        }
        if (config.rootfs().isPresent()) {
            throw invalid("cannot commit a container that uses an exploded rootfs");
        }
        Image image = make(config);
        engine.events().record(LockedContainer.event(config, EventStatus.COMMIT));
        return image;
    }

    private Image make(ContainerConfig config) throws IOException, InterruptedException {
        ContainerStatus status = container.locked(locked -> locked.state().status());
        return options.pause() && status == ContainerStatus.RUNNING ? container.locked(this::runPaused) : write(config);
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }

    /** With the container paused; written down first, so that it goes on whoever dies (see {@link Recovery}). */
    private Image runPaused(LockedContainer locked) throws IOException, InterruptedException {
        if (locked.state().status() != ContainerStatus.RUNNING) {
            return write(locked.config());
        }
        locked.begin(PendingOperation.of(Kind.COMMIT));
        Image image;
        try {
            locked.runtime().pause(locked.id());
            image = write(locked.config());
        } catch (IOException | RuntimeException | InterruptedException e) {
            Undo.after(e, () -> new Recovery(locked).run(PendingOperation.of(Kind.COMMIT)));
            throw e;
        }
        new Recovery(locked).run(PendingOperation.of(Kind.COMMIT));
        return image;
    }

    private Image write(ContainerConfig config) throws IOException, InterruptedException {
        ImageStore images = engine.images();
        Image base = images.find(config.imageId().orElse(""))
                .orElseThrow(() -> new EngineException(
                        EngineException.Code.NO_SUCH_IMAGE,
                        "the image of " + config.name() + ", " + config.imageAsGiven() + ", is not in the store"));
        NewLayer layer = new NewLayer(
                base,
                imageConfig(config, base.config()),
                options.squash(),
                options.format(),
                options.name(),
                options.author(),
                options.message().isEmpty()
                        ? "FROM " + config.imageName().orElse(base.id().hex())
                        : options.message(),
                options.changes());
        if (options.squash()) {
            return ContainerRoot.using(
                    container,
                    Extent.ROOT_FILE_SYSTEM,
                    (root, current) -> images.addLayer(layer, out -> {
                        TarTree tar = new TarTree(out, TarTree.Devices.KEEP);
                        tar.addDirectory(root, "", false);
                        tar.finish();
                    }));
        }
        RootFilesystem root = container.resources().rootFilesystem();
        RootfsChanges changes = RootfsChanges.scan(root.upper(), root.lower(), mountPoints(config));
        return images.addLayer(layer, changes.layerPlan()::writeTo);
    }

    /** What is mounted over in the container: its content does not belong to the image. */
    private static Set<String> mountPoints(ContainerConfig config) {
        Set<String> places = new HashSet<>(BundleSpec.generatedPlaces());
        config.namedVolumes().forEach(volume -> places.add(volume.destination()));
        for (JsonNode mount : config.spec().path("mounts")) {
            places.add(mount.path("destination").asText());
        }
        return places;
    }

    /** The image's configuration as the container has it, as libpod's Commit sets it. */
    private ImageConfig imageConfig(ContainerConfig config, ImageConfig base) {
        Set<String> ports = new LinkedHashSet<>(base.exposedPorts());
        config.ports().forEach(port -> ports.add(port.containerPort() + "/" + port.protocol()));
        Set<String> volumes = new LinkedHashSet<>(base.volumes());
        if (options.includeVolumes()) {
            config.toJson().path("userVolumes").forEach(place -> volumes.add(place.asText()));
            config.namedVolumes().forEach(volume -> volumes.add(volume.destination()));
        }
        return new ImageConfig(
                base.architecture(),
                base.os(),
                options.author().isEmpty() ? base.author() : options.author(),
                config.environment(),
                config.entrypoint(),
                config.command(),
                config.spec().path("process").path("cwd").asText(base.workingDir()),
                config.user(),
                new ArrayList<>(ports),
                new ArrayList<>(volumes),
                config.labels(),
                base.stopSignal(),
                base.history());
    }
}

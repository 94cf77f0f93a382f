package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.ctr.criu.linux.Mounts;
import dev.ctr.criu.linux.Trees;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.storage.RootFilesystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What a container mounts under overlays of its own: directories and volumes with the option {@code O}, and other images.
 * Each has a directory in the container's, named by its destination, and is mounted there on the host; the container gets a
 * bind mount of it, which CRIU can carry over as any other. What the container wrote lasts until it is started anew.
 */
final class OverlayMounts {
    private static final int NAME_LENGTH = 16;

    private final EngineContext engine;
    private final ContainerConfig config;
    private final Path place;

    OverlayMounts(EngineContext engine, ContainerConfig config) {
        this.engine = engine;
        this.config = config;
        this.place = engine.store().paths(config.id()).overlays();
    }

    private record Overlay(Path directory, String destination, List<String> options, RootFilesystem files) {}

    private List<Overlay> all() throws IOException {
        List<Overlay> overlays = new ArrayList<>();
        for (ContainerConfig.OverlayVolume volume : config.overlayVolumes()) {
            Path source = Path.of(volume.source());
            if (!Files.isDirectory(source)) {
                throw new EngineException(
                        EngineException.Code.IO,
                        "cannot mount " + source + " at " + volume.destination() + " in " + config.name()
                                + ": it is no directory of this host");
            }
            overlays.add(overlay(volume.destination(), volume.options(), List.of(source)));
        }
        for (ContainerConfig.NamedVolume volume : config.namedVolumes()) {
            if (volume.options().contains(VolumeOptions.OVERLAY)) {
                Path source = new ContainerResources(engine, config).filledVolume(volume);
                overlays.add(overlay(volume.destination(), volume.options(), List.of(source)));
            }
        }
        for (StorageOptions.ImageMount mount : config.imageMounts()) {
            Image image = engine.images()
                    .find(mount.image())
                    .orElseThrow(() -> new EngineException(
                            EngineException.Code.NO_SUCH_IMAGE,
                            "the image " + mount.image() + " that " + config.name() + " mounts at "
                                    + mount.destination() + " is not in the store"));
            List<String> options = List.of(mount.writable() ? "rw" : "ro", "rprivate", "rbind");
            overlays.add(overlay(mount.destination(), options, engine.images().layers(image)));
        }
        return overlays;
    }

    private Overlay overlay(String destination, List<String> options, List<Path> lower) {
        Path directory = place.resolve(nameOf(destination));
        RootFilesystem files = new RootFilesystem(
                lower, directory.resolve("upper"), directory.resolve("work"), directory.resolve("merged"), false);
        return new Overlay(directory, destination, VolumeOptions.forRuntime(options), files);
    }

    private static String nameOf(String destination) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(destination.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, NAME_LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Mounts those that are not mounted. */
    void mount() throws IOException {
        for (Overlay overlay : all()) {
            RootFilesystem files = overlay.files();
            // The directory of the mount is made last: without it the others may be incomplete.
            if (!Files.isDirectory(files.merged())) {
                Trees.delete(overlay.directory());
                files.create();
            }
            files.mount();
        }
    }

    /** Adds a bind mount of each to a specification, in place of what it has there. */
    void addTo(ArrayNode mounts) throws IOException {
        for (Overlay overlay : all()) {
            BundleSpec.replace(mounts, overlay.files().merged(), overlay.destination(), overlay.options());
        }
    }

    /** Unmounts them; what was written stays. */
    void unmount() throws IOException {
        Mounts.unmountAllBelow(place);
    }

    /** Throws away what was written. They must not be mounted. */
    void forgetChanges() throws IOException {
        unmount();
        Trees.delete(place);
    }
}

package dev.ctr.lifecycle;

import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.storage.VolumeStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which volumes a new container mounts: those asked for, and one without a name for each that the image declares. */
final class VolumePlan {
    private static final List<String> OPTIONS = List.of("rw", "rprivate", "nosuid", "nodev", "rbind");

    private final VolumeStore store;
    private final List<ContainerConfig.NamedVolume> named = new ArrayList<>();

    private VolumePlan(VolumeStore store) {
        this.store = store;
    }

    static VolumePlan of(VolumeStore store, CreateOptions create, Optional<Image> image) {
        VolumePlan plan = new VolumePlan(store);
        Set<String> destinations = new HashSet<>(create.temporaryFileSystems.keySet());
        for (CreateOptions.Volume volume : create.volumes) {
            checkDestination(volume.destination());
            if (!destinations.add(volume.destination())) {
                throw invalid(volume.destination() + ": duplicate mount destination");
            }
            if (!volume.isBind()) {
                plan.add(volume);
            } else if (!java.nio.file.Files.exists(java.nio.file.Path.of(volume.source()))) {
                throw invalid("the host has no " + volume.source() + " to mount at " + volume.destination()
                        + ": no such file or directory");
            }
        }
        for (String declared : image.map(found -> found.config().volumes()).orElse(List.of())) {
            if (destinations.add(declared)) {
                plan.add(new CreateOptions.Volume("", declared, List.of()));
            }
        }
        return plan;
    }

    private static void checkDestination(String destination) {
        if (!destination.startsWith("/") || destination.equals("/")) {
            throw invalid("invalid container path \"" + destination + "\", must be an absolute path other than /");
        }
    }

    private void add(CreateOptions.Volume volume) {
        boolean anonymous = volume.source().isEmpty();
        String name = anonymous ? ContainerId.random().hex() : volume.source();
        List<String> options = new ArrayList<>(OPTIONS);
        if (volume.options().contains("ro")) {
            options.set(0, "ro");
        }
        named.add(new ContainerConfig.NamedVolume(name, volume.destination(), options, anonymous));
    }

    List<ContainerConfig.NamedVolume> named() {
        return named;
    }

    /** Creates those that do not exist. */
    void createMissing() {
        for (ContainerConfig.NamedVolume volume : named) {
            if (store.find(volume.name()).isEmpty()) {
                store.create(volume.name(), volume.anonymous());
            }
        }
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }
}

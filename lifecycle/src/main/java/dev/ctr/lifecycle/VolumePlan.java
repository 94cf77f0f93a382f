package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.storage.VolumeStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What a new container mounts: what was asked for, then what other containers lend it, then something for each directory
 * that the image declares as a volume. Of two for one place the first is taken; two that were asked for are an error.
 */
final class VolumePlan {
    private final VolumeStore store;
    private final Set<String> destinations = new TreeSet<>();
    private final List<ContainerConfig.NamedVolume> named = new ArrayList<>();
    private final List<ContainerConfig.OverlayVolume> overlays = new ArrayList<>();
    private final List<StorageOptions.ImageMount> images = new ArrayList<>();
    private final List<CreateOptions.Volume> binds = new ArrayList<>();
    private final Map<String, String> temporary = new LinkedHashMap<>();

    private VolumePlan(VolumeStore store) {
        this.store = store;
    }

    /**
     * Plans without touching anything.
     *
     * @param containers finds the containers that lend volumes
     * @param images finds the images that are mounted
     */
    static VolumePlan of(
            VolumeStore store,
            CreateOptions create,
            Optional<Image> image,
            Function<String, ContainerConfig> containers,
            Function<String, Image> images) {
        VolumePlan plan = new VolumePlan(store);
        create.temporaryFileSystems.forEach((destination, options) -> {
            plan.take(destination);
            plan.temporary.put(destination, options);
        });
        create.storage.pseudoTerminals.keySet().forEach(plan::take);
        for (CreateOptions.Volume volume : create.volumes) {
            plan.take(volume.destination());
            plan.add(volume);
        }
        for (StorageOptions.ImageMount mount : create.storage.imageMounts) {
            plan.take(mount.destination());
            String id = images.apply(mount.image()).id().hex();
            plan.images.add(new StorageOptions.ImageMount(id, mount.destination(), mount.writable()));
        }
        for (StorageOptions.VolumesFrom lender : create.storage.volumesFrom) {
            plan.borrow(containers.apply(lender.container()), lender.options());
        }
        plan.addDeclared(create, image.map(found -> found.config().volumes()).orElse(List.of()));
        return plan;
    }

    private void take(String destination) {
        if (!destination.startsWith("/") || destination.equals("/")) {
            throw invalid("invalid container path \"" + destination + "\", must be an absolute path other than /");
        }
        if (!destinations.add(destination)) {
            throw invalid(destination + ": duplicate mount destination");
        }
    }

    private void add(CreateOptions.Volume volume) {
        List<String> options = volume.options();
        if (!volume.isBind()) {
            boolean anonymous = volume.source().isEmpty();
            String name = anonymous ? ContainerId.random().hex() : volume.source();
            named.add(new ContainerConfig.NamedVolume(
                    name, volume.destination(), VolumeOptions.ofVolume(options), anonymous));
            return;
        }
        if (!Files.exists(Path.of(volume.source()))) {
            throw invalid("the host has no " + volume.source() + " to mount at " + volume.destination()
                    + ": no such file or directory");
        }
        List<String> all = VolumeOptions.ofBind(options);
        if (options.contains(VolumeOptions.OVERLAY)) {
            if (!Files.isDirectory(Path.of(volume.source()))) {
                throw invalid(volume.source() + " is no directory, which an overlay (O) needs");
            }
            overlays.add(new ContainerConfig.OverlayVolume(volume.source(), volume.destination(), all));
        } else {
            binds.add(new CreateOptions.Volume(volume.source(), volume.destination(), all));
        }
    }

    private void borrow(ContainerConfig lender, List<String> override) {
        for (ContainerConfig.NamedVolume volume : lender.namedVolumes()) {
            if (destinations.add(volume.destination())) {
                named.add(new ContainerConfig.NamedVolume(
                        volume.name(),
                        volume.destination(),
                        VolumeOptions.overridden(volume.options(), override),
                        false));
            }
        }
        for (ContainerConfig.OverlayVolume overlay : lender.overlayVolumes()) {
            if (destinations.add(overlay.destination())) {
                overlays.add(overlay);
            }
        }
        for (CreateOptions.Volume bind : lender.userBinds()) {
            if (destinations.add(bind.destination())) {
                binds.add(new CreateOptions.Volume(
                        bind.source(), bind.destination(), VolumeOptions.overridden(bind.options(), override)));
            }
        }
    }

    private void addDeclared(CreateOptions create, List<String> declared) {
        for (String directory : declared) {
            boolean wanted = create.storage.imageVolumes != StorageOptions.ImageVolumes.IGNORE;
            if (wanted && destinations.add(directory)) {
                if (create.storage.imageVolumes == StorageOptions.ImageVolumes.TMPFS) {
                    temporary.put(directory, "");
                } else {
                    add(new CreateOptions.Volume("", directory, List.of()));
                }
            }
        }
    }

    /** Bind mounts with all their options. */
    List<CreateOptions.Volume> binds() {
        return binds;
    }

    /** Places of tmpfs, with the options that were given. */
    Map<String, String> temporary() {
        return temporary;
    }

    /** Writes what is no part of the OCI specification into a configuration. */
    void addTo(ObjectNode config) {
        for (ContainerConfig.NamedVolume volume : named) {
            ObjectNode one = config.withArrayProperty("namedVolumes")
                    .addObject()
                    .put("volumeName", volume.name())
                    .put("dest", volume.destination());
            one.set("options", Json.array(volume.options()));
            if (volume.anonymous()) {
                one.put("setAnonymous", true);
            }
        }
        for (ContainerConfig.OverlayVolume overlay : overlays) {
            config.withArrayProperty("overlayVolumes")
                    .addObject()
                    .put("dest", overlay.destination())
                    .put("source", overlay.source())
                    .set("options", Json.array(overlay.options()));
        }
        for (StorageOptions.ImageMount mount : images) {
            config.withArrayProperty("ctrImageVolumes")
                    .addObject()
                    .put("source", mount.image())
                    .put("dest", mount.destination())
                    .put("rw", mount.writable());
        }
        config.set("userVolumes", Json.array(List.copyOf(destinations)));
    }

    /** Creates the volumes that do not exist. */
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

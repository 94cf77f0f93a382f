package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.criu.linux.DirectoryDescriptor;
import dev.ctr.criu.linux.Errno;
import dev.ctr.criu.linux.LinuxException;
import dev.ctr.criu.linux.Mounts;
import dev.ctr.criu.linux.PinnedFile;
import dev.ctr.criu.linux.PrivateMounts;
import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.lifecycle.storage.RootFilesystem;
import dev.ctr.lifecycle.storage.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A container's root directory, held by descriptor, in which paths lead where they lead for the container's own processes, and
 * never out.
 *
 * <p>Of a container that lives it is its first process's own root, with every mount that is there. Of any other it is mounted in a
 * mount namespace that ends with this object, or with this process if that is killed: nothing is left, and nobody else sees it.
 */
final class ContainerRoot implements AutoCloseable {
    private final DirectoryDescriptor directory;
    private final @Nullable PrivateMounts<DirectoryDescriptor> mounts;

    /** How much of it is wanted. */
    enum Extent {
        /** What the container sees: volumes, bind mounts and temporary file systems too. */
        ALL_MOUNTS,
        /** The root file system alone. */
        ROOT_FILE_SYSTEM
    }

    /** Something to do in a root. */
    @FunctionalInterface
    interface Action<T> {
        T run(DirectoryDescriptor root, ContainerConfig config) throws IOException, InterruptedException;
    }

    private ContainerRoot(DirectoryDescriptor directory, @Nullable PrivateMounts<DirectoryDescriptor> mounts) {
        this.directory = directory;
        this.mounts = mounts;
    }

    /**
     * Does something in a container's root. The container is locked meanwhile only if it does not live, so that it does not start
     * on a root file system that is mounted a second time; one that lives may go on, and end.
     */
    static <T> T using(Container container, Extent extent, Action<T> action) throws IOException, InterruptedException {
        ContainerConfig config = container.config();
        Optional<ContainerRoot> living = container.locked(locked -> ofLiving(locked, extent));
        if (living.isPresent()) {
            try (ContainerRoot root = living.get()) {
                return action.run(root.directory, config);
            }
        }
        return container.locked(locked -> {
            try (ContainerRoot root = open(locked, extent)) {
                return action.run(root.directory, locked.config());
            }
        });
    }

    private static ContainerRoot open(LockedContainer container, Extent extent)
            throws IOException, InterruptedException {
        Optional<ContainerRoot> living = ofLiving(container, extent);
        return living.isPresent() ? living.get() : ofResting(container, extent);
    }

    private static Optional<ContainerRoot> ofLiving(LockedContainer container, Extent extent) throws IOException {
        ContainerStatus status = container.state().status();
        if (status == ContainerStatus.REMOVING) {
            throw container.stateImproper("cannot mount container " + container.id() + " as it is being removed");
        }
        boolean lives = status.isAlive() || status == ContainerStatus.CREATED;
        Optional<ProcessIdentity> process = container.state().process();
        if (!lives || process.isEmpty()) {
            return Optional.empty();
        }
        if (extent == Extent.ROOT_FILE_SYSTEM) {
            Path root = container.resources().rootFilesystem().path();
            return Optional.of(new ContainerRoot(DirectoryDescriptor.open(root), null));
        }
        DirectoryDescriptor root;
        try {
            root = DirectoryDescriptor.open(
                    Path.of("/proc", Long.toString(process.get().pid()), "root"));
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ESRCH) {
                // It has ended since it was last looked at.
                return Optional.empty();
            }
            throw e;
        }
        if (process.get().isAlive()) {
            return Optional.of(new ContainerRoot(root, null));
        }
        // The number may have been another process's when the descriptor was opened.
        root.close();
        return Optional.empty();
    }

    private static ContainerRoot ofResting(LockedContainer container, Extent extent)
            throws IOException, InterruptedException {
        RootFilesystem rootFilesystem = container.resources().rootFilesystem();
        PrivateMounts<DirectoryDescriptor> mounts = PrivateMounts.open(() -> {
            rootFilesystem.mount();
            if (rootFilesystem.plain()) {
                Mounts.bind(rootFilesystem.path(), rootFilesystem.path());
            }
            DirectoryDescriptor root = DirectoryDescriptor.open(rootFilesystem.path());
            if (extent == Extent.ALL_MOUNTS) {
                mountVolumes(container, root);
                if (container.config().spec().path("root").path("readonly").asBoolean()) {
                    makeReadOnly(root, Path.of("/"));
                }
            }
            return root;
        });
        return new ContainerRoot(mounts.result(), mounts);
    }

    private static void mountVolumes(LockedContainer container, DirectoryDescriptor root) throws IOException {
        for (ContainerConfig.NamedVolume named : container.config().namedVolumes()) {
            Optional<Volume> volume = container.engine().volumes().find(named.name());
            // What a container writes over a volume mounted with "O" lasts only while it lives.
            if (volume.isPresent() && !named.options().contains(VolumeOptions.OVERLAY)) {
                fill(container, volume.get(), named, root);
                bind(volume.get().directory(), root, named.destination(), isReadOnly(named.options()));
            }
        }
        for (JsonNode mount : container.config().spec().path("mounts")) {
            if (mount.path("type").asText().equals("bind")) {
                bind(
                        Path.of(mount.path("source").asText()),
                        root,
                        mount.path("destination").asText(),
                        isReadOnly(Json.strings(mount.path("options"))));
            }
        }
    }

    private static boolean isReadOnly(List<String> options) {
        return options.contains("ro");
    }

    /** As at the first start: a volume that was never mounted takes over what the image has in its place. */
    private static void fill(
            LockedContainer container, Volume volume, ContainerConfig.NamedVolume named, DirectoryDescriptor root)
            throws IOException {
        try (DirectoryDescriptor place = root.descend(Path.of(named.destination()))) {
            container.engine().volumes().copyUp(place.path().resolve("."), volume);
        } catch (LinuxException e) {
            if (!isMissing(e)) {
                throw e;
            }
        }
    }

    /** Mounts a host directory or file where the container has something to mount it on; else it comes with the first start. */
    private static void bind(Path source, DirectoryDescriptor root, String destination, boolean readOnly)
            throws IOException {
        if (!Files.exists(source)) {
            return;
        }
        try (PinnedFile place = root.pin(Path.of(destination))) {
            if (Files.isDirectory(place.path()) != Files.isDirectory(source)) {
                return;
            }
            Mounts.mount(source.toString(), place.path(), "", Mounts.BIND | Mounts.REC, "");
            if (readOnly) {
                makeReadOnly(root, Path.of(destination));
            }
        } catch (LinuxException e) {
            if (!isMissing(e)) {
                throw e;
            }
        }
    }

    /** Here alone, not where else the same is mounted. */
    private static void makeReadOnly(DirectoryDescriptor root, Path mounted) throws IOException {
        try (PinnedFile mount = root.pin(mounted)) {
            Mounts.mount("none", mount.path(), "", Mounts.BIND | Mounts.REMOUNT | Mounts.RDONLY, "");
        }
    }

    private static boolean isMissing(LinuxException e) {
        return e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP;
    }

    @Override
    public void close() throws IOException {
        try {
            directory.close();
        } finally {
            if (mounts != null) {
                mounts.close();
            }
        }
    }
}

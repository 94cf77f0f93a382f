package dev.ctr.lifecycle;

import dev.ctr.archive.ArchiveException;
import dev.ctr.archive.CheckpointArchiveReader;
import dev.ctr.archive.RootfsChanges;
import dev.ctr.lifecycle.event.EventJournal;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.image.ImageStore;
import dev.ctr.lifecycle.network.Networks;
import dev.ctr.lifecycle.storage.VolumeStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Opens a root and hands out its containers. Any number of engines, threads and processes may have the same root open;
 * nothing is held between calls, so there is nothing to close.
 */
public final class Engine {
    private final EngineContext context;

    Engine(EngineContext context) {
        this.context = context;
    }

    public static Engine open(EngineOptions options) {
        return new Engine(EngineContext.of(options));
    }

    public EngineOptions options() {
        return context.options();
    }

    /** All containers, oldest first. */
    public List<Container> containers() {
        return Calls.call(
                "cannot list the containers",
                () -> context.store().list().stream()
                        .map(id -> new Container(context, id))
                        .toList());
    }

    /**
     * The container with this name, full ID or unambiguous beginning of an ID.
     *
     * @throws EngineException with NO_SUCH_CONTAINER
     */
    public Container container(String nameOrId) {
        return Calls.call(
                "cannot look up " + nameOrId,
                () -> context.store()
                        .find(nameOrId)
                        .map(id -> new Container(context, id))
                        .orElseThrow(() -> ContainerStore.noSuchContainer(nameOrId)));
    }

    /**
     * Creates a container.
     *
     * @throws EngineException with INVALID_ARGUMENT, NO_SUCH_IMAGE, or ALREADY_EXISTS when the name is taken
     */
    public Container create(CreateOptions create) {
        return Calls.call("cannot create the container", () -> {
            context.requirePrograms();
            Staging.sweep(options().root());
            Optional<Image> image = Optional.ofNullable(create.image).map(this::requireImage);
            if (create.rootfs != null && !Files.isDirectory(create.rootfs)) {
                throw new EngineException(
                        EngineException.Code.INVALID_ARGUMENT,
                        "the root file system " + create.rootfs + " is not there, or is no directory");
            }
            ContainerId id = ContainerId.random();
            String name = create.name == null ? freeName() : create.name;
            ContainerStore.checkName(name);
            VolumePlan volumes = VolumePlan.of(context.volumes(), create, image, this::lender, this::requireImage);
            NamespacePlan namespaces = NamespacePlan.of(context, create);
            NetworkConfiguration network = NetworkConfiguration.of(create, namespaces, image, context.networks());
            ContainerConfig config =
                    new ConfigGenerator(options(), create, image, id, name, volumes, namespaces).generate(network);
            Container created = new Creation(context)
                    .create(
                            config,
                            state -> state,
                            paths -> volumes.createMissing(),
                            container -> new Container(context, id));
            confirm(created);
            return created;
        });
    }

    /** Keeps a new container only if what it depends on is still there. */
    private void confirm(Container created) throws IOException {
        try {
            new Dependencies(context, created.config()).confirm();
        } catch (EngineException e) {
            Undo.after(e, () -> created.remove(true, true));
            throw e;
        }
    }

    /** All pods, newest first. */
    public List<Pod> pods() {
        return Calls.call(
                "cannot list the pods",
                () -> context.pods().list().stream()
                        .map(pod -> new Pod(context, pod.id()))
                        .toList());
    }

    /**
     * The pod with this name, full ID or unambiguous beginning of an ID.
     *
     * @throws EngineException with NO_SUCH_POD
     */
    public Pod pod(String nameOrId) {
        return Calls.call(
                "cannot look up " + nameOrId,
                () -> new Pod(context, context.pods().require(nameOrId).id()));
    }

    /**
     * Creates a pod, with its infra container if it is to have one. On failure nothing is left.
     *
     * @throws EngineException with INVALID_ARGUMENT, or ALREADY_EXISTS when the name is taken by a pod or a container
     */
    public Pod createPod(PodOptions options) {
        return Calls.call("cannot create the pod", () -> new PodCreation(context, options).create());
    }

    /** The configuration of a container whose volumes another one mounts too. */
    private ContainerConfig lender(String nameOrId) {
        try {
            return container(nameOrId).config();
        } catch (EngineException e) {
            throw new EngineException(
                    e.code(), "looking up container \"" + nameOrId + "\" for volumes-from: " + e.getMessage(), e);
        }
    }

    private Image requireImage(String name) {
        return context.images()
                .find(name)
                .orElseThrow(() -> new EngineException(
                        EngineException.Code.NO_SUCH_IMAGE,
                        name + ": image not known: bring it with ctr pull, ctr load or ctr import"));
    }

    private String freeName() throws IOException {
        return context.store().names().free();
    }

    /**
     * Copies a file or directory into a container, out of one, or between two, with the rules of {@code podman cp}: into a directory
     * that exists under its own name, else under the new one; a file may replace a file.
     *
     * @return what was left out, a sentence each
     * @throws EngineException with INVALID_ARGUMENT when the source or the destination's directory is missing
     */
    public List<String> copy(CopyLocation from, CopyLocation to, CopyOptions options) {
        return Calls.call(
                "cannot copy " + from.path() + " to " + to.path(), () -> new FileCopy(options).copy(from, to));
    }

    /** What the uppermost layer of an image changes in those below, by path. */
    public List<RootfsChanges.Change> diff(Image image) {
        return Calls.call(
                "cannot compare " + image.id().abbreviated(),
                () -> LayerChanges.ofImage(context.images().layers(image)));
    }

    /** Adds a container from a checkpoint archive and lets it go on. On failure nothing is left. */
    public RestoreResult restore(Path archive, RestoreOptions restore) {
        return Calls.call("cannot restore from " + archive, () -> {
            try {
                ArchiveImport imports = new ArchiveImport(context, restore);
                imports.checkNames(CheckpointArchiveReader.peek(archive, restore.identities));
                return imports.run(
                        () -> CheckpointArchiveReader.open(archive, restore.identities, restore.policy.limits()));
            } catch (ArchiveException e) {
                throw ArchiveImport.bad(e);
            }
        });
    }

    /** As {@link #restore(Path, RestoreOptions)}, from a stream, which is read once. */
    public RestoreResult restore(InputStream archive, RestoreOptions restore) {
        return Calls.call("cannot restore", () -> {
            try {
                return new ArchiveImport(context, restore).run(() -> reader(archive, "standard input", restore));
            } catch (ArchiveException e) {
                throw ArchiveImport.bad(e);
            }
        });
    }

    /**
     * Takes a container over from another host: adds it from a checkpoint archive, as {@link #restore(InputStream, RestoreOptions)},
     * but holds it, restored and cut off from its networks, until the caller has decided that it may run. If it may not, or anything
     * fails before, nothing is left. Once it may, it is not undone any more: if it cannot be let go on, it stays, with its
     * checkpoint, to be restored by {@link Container#restore}.
     */
    public RestoreResult takeOver(RestoreOptions restore, TakeOver takeOver) {
        TakingOver taking = new TakingOver(context, takeOver);
        return Calls.call("cannot take over the container", () -> {
            ArchiveImport imports = new ArchiveImport(context, restore, Optional.of(taking));
            ArchiveImport.Source archive = () -> reader(takeOver.archive(), "the other host's archive", restore);
            Optional<InputStream> rehearsal = takeOver.rehearsal();
            try {
                return rehearsal.isEmpty()
                        ? imports.run(archive)
                        : imports.run(() -> reader(rehearsal.get(), "the other host's rehearsal", restore), archive);
            } catch (ArchiveException e) {
                throw ArchiveImport.bad(e);
            }
        });
    }

    private static CheckpointArchiveReader reader(InputStream in, String source, RestoreOptions restore)
            throws IOException {
        return CheckpointArchiveReader.of(in, source, restore.identities, restore.policy.limits());
    }

    /**
     * The container that was given the right to run in a hand-over, whatever has become of it since: it may have ended, and even be
     * gone. Bring it up to date with {@link Container#sync} before its state is believed.
     *
     * @param token as in {@link TakeOver#token}
     * @return empty if it was not given the right to run; it never will, unless a {@link #takeOver} is under way
     */
    public Optional<ContainerId> taken(String token) {
        return Calls.call(
                "cannot look up the hand-over " + token,
                () -> new Grants(options().root()).find(token));
    }

    /** Deletes the files of imports whose process died; those of imports that are under way stay. */
    public void sweepImports() {
        Calls.run(
                "cannot delete what imports have left",
                () -> Staging.sweep(options().root()));
    }

    /** Forgets a hand-over that no other host will ask about any more. */
    public void forgetTaken(String token) {
        Calls.run(
                "cannot forget the hand-over " + token,
                () -> new Grants(options().root()).delete(token));
    }

    /**
     * Adds a container from a checkpoint image and lets it go on. On failure nothing is left. The image's layer is verified, and
     * treated as an archive is.
     *
     * @throws EngineException with INVALID_ARGUMENT for an image that is no checkpoint, or of another runtime
     */
    public RestoreResult restore(Image image, RestoreOptions restore) {
        return Calls.call("cannot restore from the image " + image.id().abbreviated(), () -> {
            CheckpointAnnotations.require(image, options().runtime());
            ArchiveImport imports = new ArchiveImport(context, restore);
            Optional<String> name = CheckpointAnnotations.containerName(image);
            if (name.isPresent()) {
                imports.checkNames(Json.object().put("name", name.get()));
            }
            try {
                return imports.run(() -> CheckpointArchiveReader.ofLayer(
                        context.images().openLayer(image),
                        "the image " + image.id().abbreviated(),
                        restore.policy.limits()));
            } catch (ArchiveException e) {
                throw ArchiveImport.bad(e);
            }
        });
    }

    /** Whether an image is a checkpoint, by what its manifest says. */
    public boolean isCheckpoint(Image image) {
        return CheckpointAnnotations.isCheckpoint(image);
    }

    public ImageStore images() {
        return context.images();
    }

    public VolumeStore volumes() {
        return context.volumes();
    }

    public Networks networks() {
        return context.networks();
    }

    /** What happened in this root, to read, to follow and to add to. */
    public EventJournal events() {
        return context.events();
    }

    /** The names of the containers that use a volume. */
    public List<String> usersOfVolume(String volume) {
        List<String> users = new ArrayList<>();
        for (Container container : containers()) {
            ContainerConfig config = container.config();
            if (config.namedVolumes().stream().anyMatch(named -> named.name().equals(volume))) {
                users.add(config.name());
            }
        }
        return users;
    }

    /** The containers that are configured to join a network, whether they run or not. */
    public List<Container> usersOfNetwork(String network) {
        List<Container> users = new ArrayList<>();
        for (Container container : containers()) {
            try {
                if (container.config().networks().containsKey(network)) {
                    users.add(container);
                }
            } catch (EngineException removed) {
                if (removed.code() != EngineException.Code.NO_SUCH_CONTAINER) {
                    throw removed;
                }
            }
        }
        return users;
    }

    /**
     * Removes a network that no container uses.
     *
     * @throws EngineException NO_SUCH_NETWORK, INVALID_ARGUMENT for the default network, IN_USE
     */
    public void removeNetwork(String nameOrId) {
        String network = networks().find(nameOrId);
        if (!network.equals(Networks.DEFAULT_NETWORK)
                && !usersOfNetwork(network).isEmpty()) {
            throw new EngineException(
                    EngineException.Code.IN_USE,
                    "\"" + nameOrId + "\" has associated containers with it. Use -f to forcibly delete containers and"
                            + " pods: network is being used");
        }
        networks().remove(network);
    }
}

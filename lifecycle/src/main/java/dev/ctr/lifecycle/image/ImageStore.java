package dev.ctr.lifecycle.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.archive.ArchiveException;
import dev.ctr.archive.Compression;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.IoWork;
import dev.ctr.lifecycle.LockFile;
import dev.ctr.lifecycle.event.Event;
import dev.ctr.lifecycle.event.EventJournal;
import dev.ctr.lifecycle.event.EventStatus;
import dev.ctr.lifecycle.event.EventType;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/**
 * The images of an engine: an OCI layout ({@code images/}, OCI image specification, "Image Layout") and the layers unpacked
 * from it ({@code layers/}). Everything that comes in is verified against its digests before it has a name here.
 *
 * <p>Any number of threads and processes may use the same store, through one object or many. What a process leaves half done
 * when it dies is never seen, and goes when the next operation writes.
 *
 * <p>All methods throw {@link EngineException}: {@code INVALID_ARGUMENT} for a name that is none or means several images,
 * {@code BAD_ARCHIVE} for content that is damaged or no image, {@code IO} when a file cannot be read or written, and what they
 * say themselves.
 */
public final class ImageStore {
    private final Path root;
    private final Scratch scratch;
    private final EventJournal events;
    private final AtomicReference<StoreContent> opened = new AtomicReference<>();

    /**
     * The store in an engine's root. Nothing is read or made before the first use.
     *
     * @param root the engine's root; work in progress is done in its directory {@code scratch}
     */
    public ImageStore(Path root) {
        this.root = root;
        this.scratch = new Scratch(root.resolve("scratch"));
        this.events = new EventJournal(root);
    }

    /**
     * Makes an image with one layer of a root file system's tar (plain, gzip, zstd or bzip2), as {@code podman import} does.
     * Memory does not grow with it. Closes {@code tar}.
     */
    public Image importTar(InputStream tar, ImportOptions options) {
        return attempt("import the root file system", () -> {
            try (tar;
                    Scratch.Area area = scratch.open()) {
                StagedBlobs staged = stage(area);
                StagedImage image = new RootfsImport(staged).run(tar, options);
                Image imported = locked(() -> content().add(List.of(image), staged, area))
                        .get(0);
                record(EventStatus.IMPORT, imported, firstName(imported));
                return imported;
            }
        });
    }

    /**
     * Makes an image from another by one more layer, or by one that holds everything. Memory does not grow with it.
     *
     * @throws EngineException with {@code NO_SUCH_IMAGE} when the base was removed meanwhile
     */
    public Image addLayer(NewLayer layer, NewLayer.Content content) {
        return attempt("make an image from " + layer.base().id().abbreviated(), () -> {
            try (Scratch.Area area = scratch.open()) {
                LayerAddition.Base base = locked(() -> content().base(layer.base()));
                StagedBlobs staged = stage(area);
                StagedImage image = new LayerAddition(staged).run(layer, base, content);
                return locked(() -> content().addOnto(image, staged, area)).get(0);
            }
        });
    }

    /**
     * Begins an image of one layer that is written while something else is, such as a checkpoint's archive.
     *
     * @param name what it will be called
     */
    public ImageDraft draft(String name) {
        ImageName wanted = ImageName.of(name);
        return attempt("make the image " + name, () -> {
            Scratch.Area area = scratch.open();
            try {
                return new ImageDraft(
                        wanted,
                        area,
                        stage(area),
                        (image, staged, trash) -> locked(() -> content().add(List.of(image), staged, trash))
                                .get(0));
            } catch (IOException | RuntimeException e) {
                area.close();
                throw e;
            }
        });
    }

    /**
     * The plain tar of an image's only layer, which stays readable although the image may be removed. Whoever reads it to the end
     * knows that it is what the image says; a layer that is not fails there with {@code BAD_ARCHIVE}.
     *
     * @throws EngineException with {@code BAD_ARCHIVE} when the image has another number of layers, {@code NO_SUCH_IMAGE} when
     *     it was removed meanwhile
     */
    public InputStream openLayer(Image image) {
        return attempt("read the image " + image.id().abbreviated(), () -> {
            if (image.diffIds().size() != 1) {
                throw ImageJson.bad(
                        "image " + image.id().abbreviated(),
                        "it has " + image.diffIds().size() + " layers, where one is needed");
            }
            Scratch.Area area = scratch.open();
            try {
                LayerBlob layer = locked(() -> content().linkLayer(image, 0, area.directory()));
                return new LayerStream(layer, area, content().room());
            } catch (IOException | RuntimeException e) {
                area.close();
                throw e;
            }
        });
    }

    /**
     * Loads all images of a docker archive or OCI archive (tar, also compressed), an OCI layout, or a directory of skopeo's
     * {@code dir:}, as {@code podman load} does. A name that another image has goes over to the loaded one. Images keep their
     * IDs.
     */
    public List<Image> load(Path archiveOrDirectory) {
        return attempt("load images from " + archiveOrDirectory, () -> {
            try (Scratch.Area area = scratch.open()) {
                StagedBlobs staged = stage(area);
                List<StagedImage> images = Files.isDirectory(archiveOrDirectory)
                        ? readDirectory(archiveOrDirectory, staged)
                        : readArchive(archiveOrDirectory, staged);
                if (images.isEmpty()) {
                    throw new EngineException(
                            EngineException.Code.NO_SUCH_IMAGE,
                            archiveOrDirectory + " contains no image for linux/" + Platform.architecture());
                }
                List<Image> loaded = locked(() -> content().add(images, staged, area));
                loaded.forEach(image -> record(EventStatus.LOAD, image, archiveOrDirectory.toString()));
                return loaded;
            }
        });
    }

    /**
     * Gets an image for this host from a registry.
     *
     * @see #pull(String, PullOptions)
     */
    public Image pull(String reference, RegistryOptions options) {
        return pull(reference, PullOptions.of(options));
    }

    /**
     * Gets an image from a registry.
     *
     * @param reference {@code REGISTRY/PATH[:TAG]} or {@code REGISTRY/PATH@sha256:DIGEST}
     * @throws EngineException with {@code RUNTIME} when skopeo cannot get it, {@code CANCELLED} when the thread is interrupted
     */
    public Image pull(String reference, PullOptions options) {
        return attempt("pull " + reference, () -> {
            RegistryReference wanted = RegistryReference.parse(reference);
            try (Scratch.Area area = scratch.open()) {
                Path directory = area.directory().resolve("pulled");
                new Skopeo(area.directory()).pull(wanted.name(), wanted.toString(), options, directory);
                StagedBlobs staged = stage(area);
                StagedImage image = SkopeoDirectory.read(directory, wanted.names(), staged);
                Image pulled = locked(() -> content().add(List.of(image), staged, area))
                        .get(0);
                record(EventStatus.PULL, pulled, reference);
                return pulled;
            }
        });
    }

    /**
     * Gets an image from a registry if that is called for.
     *
     * @throws EngineException as {@link #pull}; with {@code NO_SUCH_IMAGE} when it is not here and no registry is to be or can
     *     be asked
     */
    public Image obtain(String reference, PullPolicy policy, PullOptions options) {
        return new ImageSupply(this, options).obtain(reference, policy);
    }

    /**
     * Whether a registry has the very image that is here under a name.
     *
     * @throws EngineException as {@link #pull}
     */
    boolean isCurrent(Image image, String reference, PullOptions options) {
        return attempt("ask for " + reference, () -> {
            RegistryReference wanted = RegistryReference.parse(reference);
            try (Scratch.Area area = scratch.open()) {
                byte[] manifest = new Skopeo(area.directory()).manifest(wanted.name(), wanted.toString(), options);
                return ImageSupply.isManifestOf(manifest, image.digest());
            }
        });
    }

    /** Sends an image to a registry as it is. */
    public void push(Image image, String destination, RegistryOptions options) {
        push(image, destination, PushOptions.of(options));
    }

    /**
     * Sends an image to a registry.
     *
     * @param destination {@code REGISTRY/PATH[:TAG]}
     * @return the digest of the manifest by which the registry knows it
     * @throws EngineException with {@code RUNTIME} when skopeo cannot send it, {@code CANCELLED} when the thread is interrupted
     */
    public Digest push(Image image, String destination, PushOptions options) {
        ImageName name = RegistryReference.parse(destination).name();
        return attempt("push " + name, () -> {
            try (Scratch.Area area = scratch.open()) {
                Path directory =
                        locked(() -> content().layOut(image, area.directory().resolve("image")));
                if (options.isDocker()) {
                    SkopeoDirectory.decompressLayers(directory, image.diffIds());
                }
                Digest digest = new Skopeo(area.directory()).push(directory, name, options);
                record(EventStatus.PUSH, image, name.toString());
                return digest;
            }
        });
    }

    /**
     * Saves an image to a new file under its first name. In the other format's archive than its own its manifest, and possibly
     * its ID, are other ones.
     *
     * @throws EngineException with {@code ALREADY_EXISTS} when the file exists, {@code RUNTIME} when skopeo cannot write it
     */
    public void save(Image image, Path target, ArchiveFormat format) {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new EngineException(
                    EngineException.Code.ALREADY_EXISTS, "cannot save the image to " + target + ": the file exists");
        }
        attempt("save the image to " + target, () -> {
            try (Scratch.Area area = scratch.open()) {
                Path directory =
                        locked(() -> content().layOut(image, area.directory().resolve("image")));
                if (format == ArchiveFormat.DOCKER_ARCHIVE) {
                    SkopeoDirectory.decompressLayers(directory, image.diffIds());
                }
                Path written = area.directory().resolve("archive");
                new Skopeo(area.directory()).save(directory, format, written, firstName(image));
                Files.move(written, target);
                record(EventStatus.SAVE, image, target.toString());
                return target;
            }
        });
    }

    /** All images, in the order in which they came. */
    public List<Image> list() {
        return attempt("list the images", () -> locked(content()::list));
    }

    /**
     * Finds an image as podman does: by its full name; by a name without {@code localhost/} or without {@code :latest}; by the
     * end of a name in any registry; by {@code NAME@DIGEST}; by its ID or at least three digits of its beginning.
     */
    public Optional<Image> find(String nameOrId) {
        return attempt(
                "find the image " + nameOrId, () -> locked(() -> content().find(nameOrId)));
    }

    /**
     * Gives an image one more name. Another image that had it loses it.
     *
     * @throws EngineException with {@code NO_SUCH_IMAGE}
     */
    public Image tag(String nameOrId, String newName) {
        ImageName name = ImageName.of(newName);
        return attempt("tag the image " + nameOrId, () -> {
            Image tagged = locked(() -> content().tag(nameOrId, name));
            record(EventStatus.TAG, tagged, newName);
            return tagged;
        });
    }

    /**
     * Takes a name from an image, which stays even without any.
     *
     * @throws EngineException with {@code NO_SUCH_IMAGE}
     */
    public Image untag(String name) {
        return attempt("untag the image " + name, () -> {
            Image untagged = locked(() -> content().untag(name));
            record(EventStatus.UNTAG, untagged, name);
            return untagged;
        });
    }

    /**
     * Removes an image, or only the name by which it is given if it has others. With the last name go its manifest, blobs and
     * layers, unless another image has them too.
     *
     * @param force when given by ID, remove it although it has several names
     * @param inUse whether something, such as a container, needs the image; must not use this store
     * @throws EngineException with {@code NO_SUCH_IMAGE}; with {@code IN_USE} when it is in use or, given by ID, has several
     *     names
     */
    public Removal remove(String nameOrId, boolean force, Predicate<ImageId> inUse) {
        return attempt("remove the image " + nameOrId, () -> {
            try (Scratch.Area area = scratch.open()) {
                Removal removal = locked(() -> content().remove(nameOrId, force, inUse, area));
                removal.untagged().forEach(name -> record(EventStatus.UNTAG, removal.id(), name.toString()));
                if (removal.deleted()) {
                    record(EventStatus.REMOVE, removal.id(), nameOrId);
                }
                return removal;
            }
        });
    }

    void record(EventStatus status, Image image, String name) {
        record(status, image.id(), name);
    }

    private void record(EventStatus status, ImageId id, String name) {
        events.record(Event.of(EventType.IMAGE, status, id.hex(), name));
    }

    static String firstName(Image image) {
        return image.names().isEmpty() ? "" : image.names().get(0).toString();
    }

    /**
     * The directories to mount on each other as the image's root file system, the top first, ready to be overlayfs's
     * {@code lowerdir}. Layers are unpacked when they are first needed; a layer that occurs twice is named once. Needs root. An
     * image without layers has an empty directory.
     *
     * @throws EngineException with {@code NO_SUCH_IMAGE} when the image was removed meanwhile
     */
    public List<Path> layers(Image image) {
        return attempt("unpack the image " + image.id().abbreviated(), () -> {
            Set<Path> topDown = new LinkedHashSet<>();
            for (int number = image.diffIds().size() - 1; number >= 0; number--) {
                topDown.add(layer(image, number));
            }
            return topDown.isEmpty() ? List.of(content().emptyLayer()) : List.copyOf(topDown);
        });
    }

    private Path layer(Image image, int number) throws IOException {
        Digest diffId = image.diffIds().get(number);
        Optional<Path> unpacked = content().unpackedLayer(diffId);
        if (unpacked.isPresent()) {
            return unpacked.get();
        }
        return LockFile.holding(content().unpackingLock(diffId), () -> {
            Optional<Path> unpackedMeanwhile = content().unpackedLayer(diffId);
            return unpackedMeanwhile.isPresent() ? unpackedMeanwhile.get() : unpack(image, number, diffId);
        });
    }

    private Path unpack(Image image, int number, Digest diffId) throws IOException {
        try (Scratch.Area area = scratch.open()) {
            LayerBlob blob = locked(() -> content().linkLayer(image, number, area.directory()));
            Path unpacked =
                    blob.unpack(area.directory().resolve("layer"), content().room());
            return locked(() -> content().publishLayer(image, diffId, unpacked));
        }
    }

    /** What {@code podman image inspect} tells. */
    public ObjectNode inspect(Image image) {
        return attempt(
                "inspect the image " + image.id().abbreviated(),
                () -> locked(() -> content().inspect(image)));
    }

    StoreContent content() throws IOException {
        StoreContent known = opened.get();
        if (known != null) {
            return known;
        }
        StoreContent content = StoreContent.open(root);
        opened.set(content);
        return content;
    }

    Scratch scratch() {
        return scratch;
    }

    StagedBlobs stage(Scratch.Area area) throws IOException {
        Path blobs = Files.createDirectory(area.directory().resolve("blobs"));
        return new StagedBlobs(blobs, content().room());
    }

    private static List<StagedImage> readDirectory(Path directory, StagedBlobs staged) throws IOException {
        if (SkopeoDirectory.isOne(directory)) {
            return List.of(SkopeoDirectory.read(directory, List.of(), staged));
        }
        Path index = directory.resolve(OciLayout.INDEX);
        if (!Files.isRegularFile(index)) {
            throw ImageJson.bad("directory " + directory, "it is not an OCI layout: it has no " + OciLayout.INDEX);
        }
        Path blobs = directory.resolve("blobs").resolve("sha256");
        OciLayout layout = new OciLayout(staged, digest -> {
            Path file = blobs.resolve(digest.hex());
            if (staged.find(digest).isEmpty() && Files.isRegularFile(file)) {
                SkopeoDirectory.stage(file, staged);
            }
            return staged.find(digest);
        });
        return layout.images(ImageJson.read(index, "index of " + directory));
    }

    private static List<StagedImage> readArchive(Path archive, StagedBlobs staged) throws IOException {
        try (InputStream file = new BufferedInputStream(Files.newInputStream(archive));
                InputStream tar = Compression.decompress(file, archive.toString())) {
            ArchiveContent files = ArchiveContent.read(tar, archive.toString(), staged);
            Optional<StagedBlobs.Blob> list = files.find(DockerArchive.MANIFEST);
            if (list.isPresent()) {
                return DockerArchive.images(files, list.get(), staged);
            }
            StagedBlobs.Blob index = files.find(OciLayout.INDEX)
                    .orElseThrow(() -> ImageJson.bad(
                            "file " + archive,
                            "it is not an image archive: it has neither " + DockerArchive.MANIFEST + " nor "
                                    + OciLayout.INDEX + "; a root file system is to be imported"));
            return new OciLayout(staged, staged::find).images(ImageJson.read(index.file(), "index of " + archive));
        }
    }

    <T> T locked(IoWork<T> work) throws IOException {
        return LockFile.holding(content().lockFile(), work);
    }

    static <T> T attempt(String what, IoWork<T> work) {
        try {
            return work.run();
        } catch (ArchiveException e) {
            throw new EngineException(EngineException.Code.BAD_ARCHIVE, "cannot " + what + ": " + e.getMessage(), e);
        } catch (ClosedByInterruptException | FileLockInterruptionException | InterruptedIOException e) {
            throw new EngineException(EngineException.Code.CANCELLED, "cannot " + what + ": cancelled", e);
        } catch (IOException e) {
            throw new EngineException(EngineException.Code.IO, "cannot " + what + ": " + reason(e), e);
        }
    }

    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException missing) {
            return missing.getFile() + " does not exist";
        }
        if (e instanceof AccessDeniedException denied) {
            return denied.getFile() + " may not be accessed";
        }
        if (e instanceof FileSystemException failed && failed.getReason() != null) {
            return failed.getFile() + ": " + failed.getReason();
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}

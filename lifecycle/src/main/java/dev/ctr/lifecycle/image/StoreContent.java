package dev.ctr.lifecycle.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.linux.Durable;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.LockFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The store's index, blobs and layers. Callers hold the lock {@link #lockFile}, except where a method says otherwise: a new
 * image's blobs come in and the index is written under one lock, so that what the index does not lead to can be deleted.
 */
final class StoreContent {
    private static final Set<PosixFilePermission> PRIVATE_FILE = PosixFilePermissions.fromString("rw-------");
    private static final FileAttribute<?> PRIVATE_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** What an image may not take from the disk. */
    private static final long RESERVE = 64L << 20;

    private final Path images;
    private final BlobStore blobs;
    private final LayerStore layers;

    private StoreContent(Path images, Path layers) {
        this.images = images;
        this.blobs = new BlobStore(images.resolve("blobs").resolve("sha256"));
        this.layers = new LayerStore(layers);
    }

    static StoreContent open(Path root) throws IOException {
        Path images = root.resolve("images");
        Files.createDirectories(images.resolve("blobs").resolve("sha256"), PRIVATE_DIRECTORY);
        Files.createDirectories(root.resolve("layers"), PRIVATE_DIRECTORY);
        Path real = images.toRealPath();
        StoreContent content = new StoreContent(real, real.resolveSibling("layers"));
        if (!Files.exists(content.indexFile())) {
            LockFile.holding(content.lockFile(), content::create);
        }
        return content;
    }

    private Path create() throws IOException {
        if (!Files.exists(indexFile())) {
            byte[] version = "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8);
            Durable.writeAtomically(images.resolve("oci-layout"), version, PRIVATE_FILE);
            writeIndex(new ImageIndex(List.of()));
        }
        return indexFile();
    }

    Path lockFile() {
        return images.resolve("store.lock");
    }

    /** How many bytes may still be added. Needs no lock. */
    long room() throws IOException {
        return Math.max(Files.getFileStore(images).getUsableSpace() - RESERVE, 0);
    }

    /** Adds images. An image that is there in another form, with the same ID, is replaced and its names stay. */
    List<Image> add(List<StagedImage> added, StagedBlobs staged, Scratch.Area trash) throws IOException {
        Set<Digest> wanted = new HashSet<>();
        added.forEach(image -> wanted.addAll(image.blobs()));
        blobs.adopt(staged.all().values().stream()
                .filter(blob -> wanted.contains(blob.digest()))
                .toList());
        ImageIndex index = readIndex();
        boolean replaced = false;
        for (StagedImage image : added) {
            ImageIndex.Entry entry = ImageIndex.Entry.of(image);
            for (ImageIndex.Entry old : sameImage(index, image)) {
                entry = entry.succeeding(old);
                index = index.without(old.manifest().digest());
                replaced = true;
            }
            index = index.with(entry);
        }
        writeIndex(index);
        if (replaced) {
            deleteUnneeded(index, trash);
        }
        return read(index, added);
    }

    /** What an image consists of. */
    LayerAddition.Base base(Image image) throws IOException {
        Manifest manifest = Manifest.parse(blobs.readJson(image.digest(), "image manifest"));
        ConfigFile config = ConfigFile.parse(blobs.readJson(image.id().digest(), "image config"));
        return new LayerAddition.Base(manifest, config, blobs::open);
    }

    /** As {@link #add}, for an image some of whose blobs are another one's: they must still be there. */
    List<Image> addOnto(StagedImage image, StagedBlobs staged, Scratch.Area trash) throws IOException {
        for (Digest digest : image.blobs()) {
            if (staged.find(digest).isEmpty() && !Files.exists(blobs.path(digest))) {
                throw new EngineException(
                        EngineException.Code.NO_SUCH_IMAGE, "the image below was removed meanwhile: image not known");
            }
        }
        return add(List.of(image), staged, trash);
    }

    private static List<ImageIndex.Entry> sameImage(ImageIndex index, StagedImage image) {
        return index.entries().stream()
                .filter(entry -> entry.id().equals(image.id()))
                .filter(entry ->
                        !entry.manifest().digest().equals(image.manifest().digest()))
                .toList();
    }

    private List<Image> read(ImageIndex index, List<StagedImage> added) throws IOException {
        List<Image> read = new ArrayList<>();
        for (StagedImage image : added) {
            Optional<ImageIndex.Entry> entry = index.find(image.manifest().digest());
            if (entry.isPresent()) {
                read.add(image(entry.get()));
            }
        }
        return read;
    }

    List<Image> list() throws IOException {
        List<Image> list = new ArrayList<>();
        for (ImageIndex.Entry entry : readIndex().entries()) {
            list.add(image(entry));
        }
        return list;
    }

    Optional<Image> find(String nameOrId) throws IOException {
        Optional<ImageLookup.Match> match = new ImageLookup(readIndex()).find(nameOrId);
        return match.isPresent() ? Optional.of(image(match.get().entry())) : Optional.empty();
    }

    Image tag(String nameOrId, ImageName name) throws IOException {
        ImageIndex index = readIndex();
        ImageLookup.Match match = require(index, nameOrId);
        ImageIndex.Entry named = match.entry().withNames(List.of(name));
        ImageIndex changed = index.with(named);
        writeIndex(changed);
        return image(changed.find(named.manifest().digest()).orElse(named));
    }

    Image untag(String name) throws IOException {
        ImageIndex index = readIndex();
        ImageLookup.Match match = require(index, name);
        if (match.names().isEmpty()) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT, "cannot untag \"" + name + "\": it is an ID and not a name");
        }
        ImageIndex.Entry left = match.entry().minus(match.names());
        writeIndex(index.change(left.manifest().digest(), unused -> left));
        return image(left);
    }

    Removal remove(String nameOrId, boolean force, Predicate<ImageId> inUse, Scratch.Area trash) throws IOException {
        ImageIndex index = readIndex();
        ImageLookup.Match match = require(index, nameOrId);
        ImageIndex.Entry entry = match.entry();
        boolean byName = !match.names().isEmpty();
        if (byName && entry.names().size() > match.names().size()) {
            writeIndex(index.change(entry.manifest().digest(), known -> known.minus(match.names())));
            return new Removal(match.entry().id(), match.names(), false);
        }
        checkRemovable(match, byName || force, inUse);
        ImageIndex left = index.without(entry.manifest().digest());
        writeIndex(left);
        deleteUnneeded(left, trash);
        return new Removal(match.entry().id(), entry.names(), true);
    }

    private static void checkRemovable(ImageLookup.Match match, boolean allNames, Predicate<ImageId> inUse) {
        List<ImageName> names = match.entry().names();
        if (!allNames && names.size() > 1) {
            throw new EngineException(
                    EngineException.Code.IN_USE,
                    "unable to delete image \"" + match.entry().id() + "\" by ID with more than one tag (" + names
                            + "): please force removal");
        }
        if (inUse.test(match.entry().id())) {
            throw new EngineException(
                    EngineException.Code.IN_USE,
                    "image " + match.entry().id().abbreviated()
                            + " is in use by a container: remove the container before attempting to remove the image");
        }
    }

    /** The content of a layer that was unpacked before. Needs no lock. */
    Optional<Path> unpackedLayer(Digest diffId) {
        return layers.find(diffId);
    }

    /** A directory without content, for an image without layers. Needs no lock. */
    Path emptyLayer() throws IOException {
        return layers.empty();
    }

    /** The lock that keeps others from unpacking the same layer meanwhile; to be taken before the store's. */
    Path unpackingLock(Digest diffId) {
        return layers.lockFile(diffId);
    }

    /** Gives a layer's blob a second name in {@code scratch}, where it stays although the image may be removed. */
    LayerBlob linkLayer(Image image, int number, Path scratch) throws IOException {
        for (ImageIndex.Entry entry : readIndex().entries()) {
            if (entry.id().equals(image.id())) {
                Digest digest = entry.manifest().digest();
                Manifest manifest = Manifest.parse(blobs.readJson(digest, "image manifest"));
                Descriptor layer = manifest.layers().get(number);
                Path link = Files.createLink(scratch.resolve("blob"), blobs.path(layer.digest()));
                return new LayerBlob(layer, image.diffIds().get(number), link);
            }
        }
        throw noSuchImage(image.id().hex());
    }

    /** The manifest, the config and the layers of an image, with their lengths. Needs no lock. */
    Map<Digest, Long> blobs(Image image) throws IOException {
        byte[] content = blobs.readJson(image.digest(), "image manifest");
        Manifest manifest = Manifest.parse(content);
        Map<Digest, Long> found = new LinkedHashMap<>();
        found.put(image.digest(), (long) content.length);
        found.put(manifest.config().digest(), manifest.config().size());
        manifest.layers().forEach(layer -> found.put(layer.digest(), layer.size()));
        return found;
    }

    /** Which of some blobs are not here. Needs no lock. */
    Set<Digest> lacking(Collection<Digest> wanted) {
        return wanted.stream()
                .filter(digest -> !Files.exists(blobs.path(digest)))
                .collect(Collectors.toSet());
    }

    /** Opens a blob, if it is here. Needs no lock. */
    InputStream open(Digest digest) throws IOException {
        return blobs.open(digest);
    }

    /** Gives some of an image's blobs second names in {@code scratch}, where they stay although the image may be removed. */
    Map<Digest, Path> linkBlobs(Image image, Set<Digest> wanted, Path scratch) throws IOException {
        if (readIndex().find(image.digest()).isEmpty()) {
            throw noSuchImage(image.id().hex());
        }
        Map<Digest, Path> links = new LinkedHashMap<>();
        for (Digest digest : blobs(image).keySet()) {
            if (wanted.contains(digest)) {
                links.put(digest, Files.createLink(scratch.resolve(digest.hex()), blobs.path(digest)));
            }
        }
        return links;
    }

    /** The index of an OCI layout that holds nothing but this image, with its names. Needs no lock. */
    byte[] indexOf(Image image) throws IOException {
        ImageIndex.Entry entry = readIndex()
                .find(image.digest())
                .orElseThrow(() -> noSuchImage(image.id().hex()));
        return new ImageIndex(List.of(entry)).toJson();
    }

    /** Makes an unpacked layer one of the store's, if an image still has it. */
    Path publishLayer(Image image, Digest diffId, Path unpacked) throws IOException {
        if (readIndex().entries().stream().noneMatch(entry -> entry.id().equals(image.id()))) {
            throw noSuchImage(image.id().hex());
        }
        return layers.publish(diffId, unpacked);
    }

    Path layOut(Image image, Path directory) throws IOException {
        return SkopeoDirectory.write(directory, image.digest(), blobs);
    }

    ObjectNode inspect(Image image) throws IOException {
        Manifest manifest = Manifest.parse(blobs.readJson(image.digest(), "image manifest"));
        return ImageInspection.of(image, manifest, blobs.readJson(image.id().digest(), "image config"));
    }

    private Image image(ImageIndex.Entry entry) throws IOException {
        try {
            return read(entry);
        } catch (EngineException e) {
            throw new EngineException(
                    e.code(),
                    "image " + entry.id().abbreviated() + " " + entry.names()
                            + " is damaged; remove it by its ID and load it again: " + e.getMessage(),
                    e);
        }
    }

    private Image read(ImageIndex.Entry entry) throws IOException {
        Digest digest = entry.manifest().digest();
        Manifest manifest = Manifest.parse(blobs.readJson(digest, "image manifest"));
        ConfigFile file = ConfigFile.parse(blobs.readJson(entry.id().digest(), "image config"));
        return new Image(
                entry.id(),
                digest,
                entry.names(),
                file.created(),
                entry.size(),
                entry.layerSizes(),
                file.config(),
                file.diffIds(),
                manifest.annotations(),
                entry.history());
    }

    private ImageLookup.Match require(ImageIndex index, String nameOrId) throws IOException {
        return new ImageLookup(index).find(nameOrId).orElseThrow(() -> noSuchImage(nameOrId));
    }

    private static EngineException noSuchImage(String nameOrId) {
        return new EngineException(EngineException.Code.NO_SUCH_IMAGE, nameOrId + ": image not known");
    }

    /** What the images of an index consist of. */
    private record Needs(Set<Digest> blobs, Set<Digest> layers) {}

    private Needs needs(ImageIndex index) throws IOException {
        Needs needs = new Needs(new HashSet<>(), new HashSet<>());
        for (ImageIndex.Entry entry : index.entries()) {
            Digest digest = entry.manifest().digest();
            Manifest manifest = Manifest.parse(blobs.readJson(digest, "image manifest"));
            needs.blobs().add(digest);
            needs.blobs().add(manifest.config().digest());
            manifest.layers().forEach(layer -> needs.blobs().add(layer.digest()));
            byte[] config = blobs.readJson(manifest.config().digest(), "image config");
            needs.layers().addAll(ConfigFile.parse(config).diffIds());
        }
        return needs;
    }

    /** While an image is damaged, nobody knows what it needs: then everything stays until it is removed. */
    private void deleteUnneeded(ImageIndex index, Scratch.Area trash) throws IOException {
        Needs needs;
        try {
            needs = needs(index);
        } catch (EngineException e) {
            return;
        }
        blobs.retain(needs.blobs());
        layers.retain(needs.layers(), trash.directory());
    }

    private Path indexFile() {
        return images.resolve(OciLayout.INDEX);
    }

    private ImageIndex readIndex() throws IOException {
        return ImageIndex.parse(ImageJson.read(indexFile(), "index of the image store"));
    }

    private void writeIndex(ImageIndex index) throws IOException {
        Durable.writeAtomically(indexFile(), index.toJson(), PRIVATE_FILE);
    }
}

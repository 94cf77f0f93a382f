package dev.ctr.lifecycle.image;

import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.event.EventStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * How an image goes from one host's store into another's without what that has already: an OCI archive (OCI image specification, "Image
 * Layout") of the blobs that are {@linkplain #lacking lacking} there. Digests prove that the whole is the same image. Safe for
 * concurrent use; throws as {@link ImageStore} does.
 */
public final class ImageDelivery {
    private static final String BLOBS = "blobs/sha256/";

    private final ImageStore store;

    /** @param store whose images are sent, or added to */
    public ImageDelivery(ImageStore store) {
        this.store = store;
    }

    /** The digests of everything that an image consists of: its manifest, its config and its layers, each once. */
    public Set<Digest> blobs(Image image) {
        return sizes(image).keySet();
    }

    /** How many bytes each of them has, in the same order. */
    public Map<Digest, Long> sizes(Image image) {
        return ImageStore.attempt(
                "look into the image " + image.id().abbreviated(),
                () -> store.content().blobs(image));
    }

    /** Which of some blobs are not in this store. */
    public Set<Digest> lacking(Collection<Digest> blobs) {
        return ImageStore.attempt(
                "look for an image's layers", () -> store.content().lacking(blobs));
    }

    /**
     * Writes the archive. Memory does not grow with the image; it may be removed meanwhile.
     *
     * @param wanted the blobs that the archive is to hold; those that are not the image's are passed over
     * @throws EngineException with {@code NO_SUCH_IMAGE} when the image was removed before
     */
    public void write(Image image, Set<Digest> wanted, OutputStream out) {
        ImageStore.attempt("send the image " + image.id().abbreviated(), () -> {
            try (Scratch.Area area = store.scratch().open()) {
                Map<Digest, Path> blobs =
                        store.locked(() -> store.content().linkBlobs(image, wanted, area.directory()));
                TarArchiveOutputStream tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
                tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
                byte[] index = store.content().indexOf(image);
                put(tar, OciLayout.INDEX, index.length);
                tar.write(index);
                tar.closeArchiveEntry();
                for (Map.Entry<Digest, Path> blob : blobs.entrySet()) {
                    put(tar, BLOBS + blob.getKey().hex(), Files.size(blob.getValue()));
                    Files.copy(blob.getValue(), tar);
                    tar.closeArchiveEntry();
                }
                tar.finish();
                return image;
            }
        });
    }

    private static void put(TarArchiveOutputStream tar, String name, long size) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(size);
        tar.putArchiveEntry(entry);
    }

    /**
     * Adds the images of such an archive; what it does not hold is taken from this store. A name that another image has here stays that
     * image's.
     *
     * @throws EngineException with {@code BAD_ARCHIVE} when something is missing in both, or damaged
     */
    public List<Image> add(InputStream archive) {
        return ImageStore.attempt("add an image that was sent", () -> {
            try (Scratch.Area area = store.scratch().open()) {
                StagedBlobs staged = store.stage(area);
                ArchiveContent files = ArchiveContent.read(archive, "the image that was sent", staged);
                StagedBlobs.Blob index = files.find(OciLayout.INDEX)
                        .orElseThrow(() -> ImageJson.bad("image that was sent", "it has no " + OciLayout.INDEX));
                List<StagedImage> images = new OciLayout(staged, digest -> fetch(digest, staged))
                        .images(ImageJson.read(index.file(), "index of the image that was sent"));
                List<Image> added = store.locked(() -> {
                    List<StagedImage> named = new ArrayList<>();
                    for (StagedImage image : images) {
                        named.add(withFreeNames(image));
                    }
                    return store.content().add(named, staged, area);
                });
                added.forEach(image -> store.record(EventStatus.LOAD, image, ImageStore.firstName(image)));
                return added;
            }
        });
    }

    /** A blob that was sent or, copied and hashed anew, this store's own. */
    private Optional<StagedBlobs.Blob> fetch(Digest digest, StagedBlobs staged) throws IOException {
        if (staged.find(digest).isEmpty()) {
            try (InputStream own = store.content().open(digest)) {
                staged.add(own, "blob " + digest);
            } catch (NoSuchFileException lacking) {
                return Optional.empty();
            }
        }
        return staged.find(digest);
    }

    private StagedImage withFreeNames(StagedImage image) throws IOException {
        Set<ImageName> taken = new HashSet<>();
        for (Image known : store.content().list()) {
            if (!known.id().equals(image.id())) {
                taken.addAll(known.names());
            }
        }
        return image.named(
                image.names().stream().filter(name -> !taken.contains(name)).toList());
    }
}

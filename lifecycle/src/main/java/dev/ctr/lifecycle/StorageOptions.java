package dev.ctr.lifecycle;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a new container mounts besides plain volumes. A mutable part of {@link CreateOptions}. */
public final class StorageOptions {
    final List<ImageMount> imageMounts = new ArrayList<>();
    final Map<String, List<String>> pseudoTerminals = new LinkedHashMap<>();
    final List<VolumesFrom> volumesFrom = new ArrayList<>();
    ImageVolumes imageVolumes = ImageVolumes.ANONYMOUS;
    boolean readOnlyTmpfs = true;

    StorageOptions() {}

    /** What becomes of the directories that an image declares as volumes. */
    public enum ImageVolumes {
        /** Each gets a volume without a name, which goes with the container. */
        ANONYMOUS,
        /** Each gets a tmpfs with what the image has there. */
        TMPFS,
        /** They are ordinary directories. */
        IGNORE
    }

    /**
     * The content of an image, mounted into a container of another.
     *
     * @param image the image's name or ID
     * @param destination the absolute path inside the container
     * @param writable whether the container may write there; what it writes is its own and goes with it
     */
    public record ImageMount(String image, String destination, boolean writable) {}

    /**
     * The volumes and bind mounts that another container was created with.
     *
     * @param container its name or ID
     * @param options {@code ro} or {@code rw} in place of how the other one mounts them; empty for the same
     */
    public record VolumesFrom(String container, List<String> options) {}

    public StorageOptions imageMount(ImageMount value) {
        imageMounts.add(value);
        return this;
    }

    /** Mounts a devpts file system. */
    public StorageOptions pseudoTerminals(String destination, List<String> options) {
        pseudoTerminals.put(destination, List.copyOf(options));
        return this;
    }

    public StorageOptions volumesFrom(VolumesFrom value) {
        volumesFrom.add(value);
        return this;
    }

    public StorageOptions imageVolumes(ImageVolumes value) {
        imageVolumes = value;
        return this;
    }

    /** Whether a container with a read-only root gets a tmpfs at /run, /tmp and /var/tmp; true unless said otherwise. */
    public StorageOptions readOnlyTmpfs(boolean value) {
        readOnlyTmpfs = value;
        return this;
    }
}

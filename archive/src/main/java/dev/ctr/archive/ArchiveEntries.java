package dev.ctr.archive;

/**
 * The names in a checkpoint archive, which are podman's (libpod {@code pkg/checkpoint/crutils} and checkpointctl's
 * {@code lib/metadata.go}). Names that end in a slash are directories.
 */
public final class ArchiveEntries {
    /** The container's configuration as libpod's ContainerConfig JSON. */
    public static final String CONFIG_DUMP = "config.dump";

    /** The OCI runtime specification the container ran with. */
    public static final String SPEC_DUMP = "spec.dump";

    /** The addresses the container had, by network; JSON {@code null} without a network of its own. */
    public static final String NETWORK_STATUS = "network.status";

    /** The CRIU images, and runc's {@code descriptors.json}. */
    public static final String CHECKPOINT = "checkpoint/";

    /** The CRIU images of the first pre-checkpoint; the names of further ones are in {@link CheckpointLevels}. */
    public static final String PRE_CHECKPOINT = "pre-checkpoint/";

    /** The content of {@code /dev/shm}: a tar that starts with {@code ./}. */
    public static final String DEVSHM_TAR = "devshm-checkpoint.tar";

    /** Files and directories that were added or changed relative to the image: a tar relative to {@code /}. */
    public static final String ROOTFS_DIFF_TAR = "rootfs-diff.tar";

    /** Files and directories of the image that are gone: a JSON array of absolute paths. */
    public static final String DELETED_FILES = "deleted.files";

    /** One tar for each named volume, {@code volumes/NAME.tar}, which starts with {@code ./}. */
    public static final String VOLUMES = "volumes/";

    /** What the container wrote so far, in the CRI log format. */
    public static final String LOG = "ctr.log";

    /** CRIU's statistics of the dump. */
    public static final String STATS_DUMP = "stats-dump";

    /** Files that a caller added to the container; normally empty. */
    public static final String ARTIFACTS = "artifacts/";

    /** What the archive holds and what it needs, with digests; the last entry, ctr's own ({@link ArchiveManifest}). */
    public static final String MANIFEST = "ctr.manifest.json";

    private ArchiveEntries() {}

    /** The entry of a named volume. */
    public static String volume(String name) {
        return VOLUMES + name + ".tar";
    }
}

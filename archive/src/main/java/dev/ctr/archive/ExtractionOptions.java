package dev.ctr.archive;

/**
 * What a tar may do when it is unpacked. Start from {@link #EXACT} or {@link #LAYER}.
 *
 * @param keepOwners whether files get the archive's owners; else they belong to who unpacks, and no program is set-user-ID or
 *     set-group-ID
 * @param allowDevices whether device nodes are made; else one is an error
 * @param duplicates what a second entry of the same name means
 * @param whiteouts what names that begin with {@code .wh.} mean
 * @param limits how much there may be
 */
public record ExtractionOptions(
        boolean keepOwners, boolean allowDevices, Duplicates duplicates, Whiteouts whiteouts, ExtractionLimits limits) {

    /** Everything as in the archive: for a container's root file system, its volumes and {@code /dev/shm}. */
    public static final ExtractionOptions EXACT =
            new ExtractionOptions(true, true, Duplicates.REPLACE, Whiteouts.ORDINARY_FILES, ExtractionLimits.GENEROUS);

    /** A layer of an OCI image, for use as a lower directory of overlayfs. */
    public static final ExtractionOptions LAYER =
            new ExtractionOptions(true, true, Duplicates.REPLACE, Whiteouts.OVERLAY, ExtractionLimits.GENEROUS);

    /** What a second entry of the same name means. */
    public enum Duplicates {
        /** The later replaces the earlier, as tar has always done. */
        REPLACE,
        /** It is an error. */
        REFUSE
    }

    /** What names that begin with {@code .wh.} mean. */
    public enum Whiteouts {
        /** Nothing. */
        ORDINARY_FILES,
        /**
         * Deletions of files of lower layers (OCI image specification, layer.md), which are written as overlayfs knows
         * them: a character device 0:0, or the attribute {@code trusted.overlay.opaque}.
         */
        OVERLAY
    }

    /** The same without device nodes. */
    public ExtractionOptions withoutDevices() {
        return new ExtractionOptions(keepOwners, false, duplicates, whiteouts, limits);
    }

    /** The same without owners. */
    public ExtractionOptions withoutOwners() {
        return new ExtractionOptions(false, allowDevices, duplicates, whiteouts, limits);
    }

    /** The same with another meaning of a second entry. */
    public ExtractionOptions with(Duplicates other) {
        return new ExtractionOptions(keepOwners, allowDevices, other, whiteouts, limits);
    }

    /** The same with other limits. */
    public ExtractionOptions with(ExtractionLimits other) {
        return new ExtractionOptions(keepOwners, allowDevices, duplicates, whiteouts, other);
    }
}

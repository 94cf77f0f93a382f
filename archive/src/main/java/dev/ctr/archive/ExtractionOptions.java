package dev.ctr.archive;

import java.util.Optional;

/**
 * What a tar may do when it is unpacked. Start from {@link #EXACT} or {@link #LAYER}.
 *
 * @param keepOwners whether files get the archive's owners; else they belong to who unpacks, and no program is set-user-ID or
 *     set-group-ID
 * @param owner who gets all files instead, if anybody
 * @param allowDevices whether device nodes are made; else one is an error
 * @param duplicates what a second entry of the same name means
 * @param whiteouts what names that begin with {@code .wh.} mean
 * @param mixedKinds whether a directory may replace what is none, and the other way round; else it is an error
 * @param limits how much there may be
 */
public record ExtractionOptions(
        boolean keepOwners,
        Optional<Owner> owner,
        boolean allowDevices,
        Duplicates duplicates,
        Whiteouts whiteouts,
        boolean mixedKinds,
        ExtractionLimits limits) {

    /** Everything as in the archive: for a container's root file system, its volumes and {@code /dev/shm}. */
    public static final ExtractionOptions EXACT = new ExtractionOptions(
            true,
            Optional.empty(),
            true,
            Duplicates.REPLACE,
            Whiteouts.ORDINARY_FILES,
            true,
            ExtractionLimits.GENEROUS);

    /** A layer of an OCI image, for use as a lower directory of overlayfs. */
    public static final ExtractionOptions LAYER = new ExtractionOptions(
            true, Optional.empty(), true, Duplicates.REPLACE, Whiteouts.OVERLAY, true, ExtractionLimits.GENEROUS);

    /** A user and a group, by number. */
    public record Owner(long uid, long gid) {}

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
        return new ExtractionOptions(keepOwners, owner, false, duplicates, whiteouts, mixedKinds, limits);
    }

    /** The same without owners. */
    public ExtractionOptions withoutOwners() {
        return new ExtractionOptions(false, Optional.empty(), allowDevices, duplicates, whiteouts, mixedKinds, limits);
    }

    /** The same with one owner of all files. */
    public ExtractionOptions with(Owner other) {
        return new ExtractionOptions(
                keepOwners, Optional.of(other), allowDevices, duplicates, whiteouts, mixedKinds, limits);
    }

    /** The same, but a directory stays a directory and a file a file. */
    public ExtractionOptions withoutMixedKinds() {
        return new ExtractionOptions(keepOwners, owner, allowDevices, duplicates, whiteouts, false, limits);
    }

    /** The same with another meaning of a second entry. */
    public ExtractionOptions with(Duplicates other) {
        return new ExtractionOptions(keepOwners, owner, allowDevices, other, whiteouts, mixedKinds, limits);
    }

    /** The same with other limits. */
    public ExtractionOptions with(ExtractionLimits other) {
        return new ExtractionOptions(keepOwners, owner, allowDevices, duplicates, whiteouts, mixedKinds, other);
    }
}

package dev.ctr.archive;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What {@link ArchiveEntries#MANIFEST}, the last entry of an archive, says of the rest ({@code docs/archive-format.md}). It tells
 * damage from what was written; it is no signature: whoever can change the archive can write another manifest.
 *
 * @param writer the program that wrote the archive, such as {@code ctr 0.1.0}
 * @param created when, to the second
 * @param requirements what the target must have
 * @param chain the chain of pre-checkpoints that it belongs to, if any
 * @param layoutSize bytes of the uncompressed tar before the manifest's own header
 * @param layout SHA-256 of those of them that are not an entry's content (headers and padding), in hexadecimal
 * @param entries all entries before the manifest, in their order
 * @param digest SHA-256 of the manifest itself, in hexadecimal: with it, and nothing else, two archives have the same content
 */
public record ArchiveManifest(
        String writer,
        Instant created,
        ArchiveRequirements requirements,
        Optional<ArchiveChain> chain,
        long layoutSize,
        String layout,
        List<Entry> entries,
        String digest) {
    /** The version of the format that is written, and the only one that is read. */
    public static final int VERSION = 1;

    /** Makes the list immutable. */
    public ArchiveManifest {
        entries = List.copyOf(entries);
    }

    /**
     * One entry.
     *
     * @param name as in the tar; a directory's ends in a slash
     * @param kind {@code file}, {@code directory} or {@code symlink}, or what else a tar may have
     * @param mode permission bits with set-user-ID, set-group-ID and sticky
     * @param uid numeric owner
     * @param gid numeric group
     * @param size bytes of content
     * @param modified modification time
     * @param link where a symbolic link points, else empty
     * @param sha256 of a file's content, in hexadecimal, else empty
     */
    public record Entry(
            String name,
            String kind,
            int mode,
            long uid,
            long gid,
            long size,
            Instant modified,
            String link,
            String sha256) {}
}

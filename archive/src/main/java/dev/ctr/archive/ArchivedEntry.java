package dev.ctr.archive;

/**
 * An entry of an archive, as {@link CheckpointArchiveReader#visit} hands it out.
 *
 * @param name its path, relative, without a slash at either end and without {@code .} and {@code ..}; empty for the root
 * @param kind what it is
 * @param mode permission bits with set-user-ID, set-group-ID and sticky
 * @param uid numeric owner
 * @param gid numeric group
 * @param size bytes of a file, else 0
 * @param linkName where a link points, else empty
 */
public record ArchivedEntry(String name, Kind kind, int mode, long uid, long gid, long size, String linkName) {
    /** What an entry is. */
    public enum Kind {
        /** A file with content. */
        FILE,
        /** A directory. */
        DIRECTORY,
        /** A symbolic link. */
        LINK,
        /** Another name of an entry before it. */
        HARD_LINK,
        /** A device or named pipe. */
        SPECIAL
    }

    static ArchivedEntry of(String name, TarEntry entry) {
        Kind kind = switch (entry.kind()) {
            case FILE -> Kind.FILE;
            case DIRECTORY -> Kind.DIRECTORY;
            case SYMBOLIC_LINK -> Kind.LINK;
            case HARD_LINK -> Kind.HARD_LINK;
            case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> Kind.SPECIAL;
        };
        return new ArchivedEntry(name, kind, entry.mode(), entry.uid(), entry.gid(), entry.size(), entry.linkName());
    }
}

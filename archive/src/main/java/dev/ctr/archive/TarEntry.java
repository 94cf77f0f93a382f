package dev.ctr.archive;

import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * One entry of a tar archive: what its headers say, without its content.
 *
 * @param name as in the archive; a directory's ends in a slash
 * @param kind what is to be made
 * @param mode permission bits with set-user-ID, set-group-ID and sticky: twelve bits
 * @param uid numeric owner
 * @param gid numeric group
 * @param size bytes of content that follow; 0 for all but files
 * @param modified modification time, to the nanosecond if the archive has it
 * @param linkName where a symbolic link points, or the earlier entry that a hard link shares its file with; else empty
 * @param deviceMajor of a device node; else 0
 * @param deviceMinor of a device node; else 0
 * @param xattrs extended attributes by full name, such as {@code user.x}
 * @param removedXattrs attributes that an existing directory loses
 */
record TarEntry(
        String name,
        Kind kind,
        int mode,
        long uid,
        long gid,
        long size,
        Instant modified,
        String linkName,
        int deviceMajor,
        int deviceMinor,
        Map<String, byte[]> xattrs,
        Set<String> removedXattrs) {

    /** The same, but for the attributes that an existing directory loses. */
    TarEntry withRemoved(Set<String> others) {
        return new TarEntry(
                name,
                kind,
                mode,
                uid,
                gid,
                size,
                modified,
                linkName,
                deviceMajor,
                deviceMinor,
                xattrs,
                Set.copyOf(others));
    }

    /** The kinds of entries that have a meaning on Linux. */
    enum Kind {
        FILE('0'),
        HARD_LINK('1'),
        SYMBOLIC_LINK('2'),
        CHARACTER_DEVICE('3'),
        BLOCK_DEVICE('4'),
        DIRECTORY('5'),
        FIFO('6');

        final char flag;

        Kind(char flag) {
            this.flag = flag;
        }

        boolean isDevice() {
            return this == CHARACTER_DEVICE || this == BLOCK_DEVICE;
        }
    }

    /** A file or directory of root's, without anything special. */
    static TarEntry plain(String name, Kind kind, int mode, long size, Instant modified) {
        return new TarEntry(name, kind, mode, 0, 0, size, modified, "", 0, 0, Map.of(), Set.of());
    }
}

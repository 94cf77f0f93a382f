package dev.ctr.criu.image;

import java.util.Optional;

/**
 * The kinds of CRIU images that are read or written here, with the number that tells each (CRIU, criu/include/magic.h). Raw
 * images, such as pages-N.img, have no number and are not listed.
 */
public enum ImageType {
    /** What the whole dump is; the one image without the common number. */
    INVENTORY(0x58313116),
    /** The process tree. */
    PSTREE(0x50273030),
    /** One thread: registers, state, and for a leader the task. */
    CORE(0x55053847),
    /** Which kernel objects a task shares. */
    IDS(0x54432030),
    /** A task's address space. */
    MM(0x57492820),
    /** Which pages of a task or shared segment are where. */
    PAGEMAP(0x56084025),
    /** Descriptors of a task. */
    FDINFO(0x56213732),
    /** Everything that descriptors refer to. */
    FILES(0x56303138),
    /** A task's working and root directories. */
    FS(0x51403912),
    /** Content of pipes. */
    PIPES_DATA(0x56453709),
    /** Content of named pipes. */
    FIFO_DATA(0x59333054),
    /** Content of sockets other than TCP. */
    SK_QUEUES(0x56264026),
    /** A TCP connection, with its queues. */
    TCP_STREAM(0x51465506),
    /** Names that lead to something else, such as a deleted file. */
    REMAP_FPATH(0x59133954),
    /** A deleted file that is still open. */
    GHOST_FILE(0x52583605),
    /** The mounts of a namespace. */
    MNTS(0x55563928),
    /** Host and domain name. */
    UTSNS(0x54473203),
    /** Offsets of a time namespace. */
    TIMENS(0x43114433),
    /** Settings of terminals. */
    TTY_INFO(0x59453036),
    /** What terminals hold unread. */
    TTY_DATA(0x59413026),
    /** Locks on files. */
    FILE_LOCKS(0x54323616),
    /** Control groups. */
    CGROUP(0x59383330),
    /** Filters of system calls. */
    SECCOMP(0x64413049),
    /** Files that live in memory alone. */
    MEMFD_INODE(0x48453499),
    /** Shared memory segments of System V. */
    IPCNS_SHM(0x46283044);

    static final int COMMON_MAGIC = 0x54564319;
    static final int SERVICE_MAGIC = 0x55105940;

    private final int magic;

    ImageType(int magic) {
        this.magic = magic;
    }

    /** The number at the beginning, after the common one. */
    public int magic() {
        return magic;
    }

    /** Whether the common number comes first: the inventory has only its own. */
    boolean hasCommonMagic() {
        return this != INVENTORY;
    }

    /** The kind that a number tells, if it is one of these. */
    static Optional<ImageType> ofMagic(int magic) {
        for (ImageType type : values()) {
            if (type.magic == magic) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}

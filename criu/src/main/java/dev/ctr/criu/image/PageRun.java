package dev.ctr.criu.image;

/**
 * Pages that follow one another and are kept in the same way.
 *
 * @param address where the first is: a multiple of the page size; in a shared segment, counted from its beginning
 * @param pages how many, at least one
 * @param kind where their content is
 */
public record PageRun(long address, long pages, Kind kind) {
    /** Bytes of a page. */
    public static final int PAGE_SIZE = 4096;

    /** No address of a task is as high as this. */
    private static final long END_OF_MEMORY = 1L << 57;

    /** Where the content of pages is. The numbers are CRIU's PE_* flags (criu/include/pagemap.h). */
    public enum Kind {
        /** In the pages file. */
        PRESENT(4),
        /** In the pages file; a lazy restore may fill them in later. */
        PRESENT_LAZY(6),
        /** In the previous dump, at the same address. */
        PARENT(1),
        /** Not in the dump: who restores gets it from the source. */
        LAZY(2);

        private final int flags;

        Kind(int flags) {
            this.flags = flags;
        }

        /** CRIU's flags for this. */
        int flags() {
            return flags;
        }

        /** Whether the pages file has these pages. */
        public boolean isPresent() {
            return this == PRESENT || this == PRESENT_LAZY;
        }
    }

    /** Checks that the pages lie in memory. */
    public PageRun {
        if (address < 0 || address % PAGE_SIZE != 0) {
            throw new IllegalArgumentException("address 0x%x is not that of a page".formatted(address));
        }
        if (pages < 1 || pages > END_OF_MEMORY / PAGE_SIZE || address > END_OF_MEMORY - pages * PAGE_SIZE) {
            throw new IllegalArgumentException(
                    "%s pages at 0x%x do not lie in memory".formatted(Long.toUnsignedString(pages), address));
        }
    }

    /** How many bytes they are. */
    public long bytes() {
        return pages * PAGE_SIZE;
    }

    /** The address behind the last. */
    public long end() {
        return address + bytes();
    }
}

package dev.ctr.criu.image;

/**
 * Pages that follow one another, and where their content is after looking through the previous dumps as well.
 *
 * @param address where the first is
 * @param pages how many, at least one
 * @param place where their content is
 * @param level in which dump: 0 the one that was asked, 1 the one before it, and so on
 * @param pagesFile the name of the file with them, empty unless they are stored
 * @param firstPage where the first is in that file, in pages; 0 unless they are stored
 */
public record StoredRun(long address, long pages, Place place, int level, String pagesFile, long firstPage) {
    /** Where the content of pages is. */
    public enum Place {
        /** In the pages file of that level. */
        STORED,
        /** Not in the dump: it was left for the source to give. */
        LAZY,
        /** It should be in a previous dump, which is not here or does not have it. */
        MISSING
    }

    /** How many bytes they are. */
    public long bytes() {
        return pages * PageRun.PAGE_SIZE;
    }

    /** The address behind the last. */
    public long end() {
        return address + bytes();
    }

    /** The part from one address to another, which must lie in it. */
    public StoredRun slice(long from, long to) {
        long skipped = (from - address) / PageRun.PAGE_SIZE;
        return new StoredRun(
                from,
                (to - from) / PageRun.PAGE_SIZE,
                place,
                level,
                pagesFile,
                place == Place.STORED ? firstPage + skipped : 0);
    }

    static StoredRun missing(long from, long to, int level) {
        return new StoredRun(from, (to - from) / PageRun.PAGE_SIZE, Place.MISSING, level, "", 0);
    }
}

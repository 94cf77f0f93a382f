package dev.ctr.archive.inspect;

import dev.ctr.criu.image.PageRun;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Single pages that are to be kept while the archive's pages go by: where command lines are. Bounded. */
final class WantedPages {
    /** 64 MiB: a thousand processes with all that the kernel passes to a program in a usual configuration. */
    private static final int MOST = (64 << 20) / PageRun.PAGE_SIZE;

    private static final byte[] NOT_READ = {};

    /**
     * A page.
     *
     * @param entry the archive's entry with it
     * @param index its place there, in pages
     */
    record Place(String entry, long index) {}

    private final Map<String, TreeMap<Long, byte[]>> pages = new HashMap<>();
    private int count;

    /** Asks for a page. One too many is not asked for and will not be there. */
    void want(Place place) {
        if (count < MOST
                && pages.computeIfAbsent(place.entry(), entry -> new TreeMap<>())
                                .putIfAbsent(place.index(), NOT_READ)
                        == null) {
            count++;
        }
    }

    /** Hands in a page. */
    void found(Place place, byte[] page) {
        of(place.entry()).put(place.index(), page.clone());
    }

    /** What is asked for of an entry. */
    SortedMap<Long, byte[]> of(String entry) {
        return pages.getOrDefault(entry, new TreeMap<>());
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** A page that was asked for and found. */
    Optional<byte[]> page(Place place) {
        byte[] page = of(place.entry()).getOrDefault(place.index(), NOT_READ);
        return page.length == 0 ? Optional.empty() : Optional.of(page);
    }
}

package dev.ctr.archive.inspect;

import dev.ctr.criu.image.AddressSpace;
import dev.ctr.criu.image.DumpedProcess;
import dev.ctr.criu.image.Mapping;
import dev.ctr.criu.image.PageRun;
import dev.ctr.criu.image.PageWalk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Compares the memory of a process in two checkpoints. */
final class MemoryComparison {
    private static final String ELSEWHERE = "[elsewhere]";

    private final Inspection first;
    private final Inspection second;
    private long unknownBytes;

    /** What was counted of one mapping so far, in bytes. */
    private static final class Count {
        private long changed;
        private long added;
        private long removed;
    }

    MemoryComparison(Inspection first, Inspection second) {
        this.first = first;
        this.second = second;
    }

    /** How many bytes could not be compared because an archive does not have them. */
    long unknownBytes() {
        return unknownBytes;
    }

    /** What changed in a process that both have. */
    List<MemoryChange> compare(DumpedProcess before, DumpedProcess after) throws IOException {
        List<Mapping> older = mappings(first, before);
        List<Mapping> newer = mappings(second, after);
        Map<String, Count> counts = new LinkedHashMap<>();
        try (PageCursor old = cursor(first, first.content().dump().pages(before));
                PageCursor now = cursor(second, second.content().dump().pages(after))) {
            compare(old, now, new Places(older, newer), counts);
        }
        for (Mapping mapping : newer) {
            if (mapping.segment() != 0) {
                compareSegment(mapping, older, counts);
            }
        }
        return counts.entrySet().stream()
                .map(count -> new MemoryChange(
                        after.pid(),
                        after.name(),
                        count.getKey(),
                        count.getValue().changed,
                        count.getValue().added,
                        count.getValue().removed))
                .toList();
    }

    private static List<Mapping> mappings(Inspection inspection, DumpedProcess process) throws IOException {
        return inspection
                .content()
                .dump()
                .addressSpace(process)
                .map(AddressSpace::mappings)
                .orElse(List.of());
    }

    private static PageCursor cursor(Inspection inspection, PageWalk walk) throws IOException {
        return new PageCursor(inspection.content(), inspection.digests(), walk);
    }

    /** A shared segment is compared with the one that was mapped at the same place. */
    private void compareSegment(Mapping mapping, List<Mapping> older, Map<String, Count> counts) throws IOException {
        long before = older.stream()
                .filter(old -> old.start() == mapping.start() && old.segment() != 0)
                .mapToLong(Mapping::segment)
                .findFirst()
                .orElse(mapping.segment());
        try (PageCursor old = cursor(first, first.content().dump().segmentPages(before));
                PageCursor now = cursor(second, second.content().dump().segmentPages(mapping.segment()))) {
            compare(old, now, new Places(List.of(), List.of(whole(mapping))), counts);
        }
    }

    /** The mapping as if it showed its segment from the beginning, which is how pages of segments are addressed. */
    private static Mapping whole(Mapping mapping) {
        return new Mapping(
                mapping.offset(),
                mapping.offset() + mapping.size(),
                mapping.permissions(),
                mapping.name(),
                mapping.offset(),
                mapping.segment());
    }

    private void compare(PageCursor old, PageCursor now, Places places, Map<String, Count> counts) throws IOException {
        while (old.address() != PageCursor.END || now.address() != PageCursor.END) {
            long address = Math.min(old.address(), now.address());
            boolean wasThere = old.address() == address;
            boolean isThere = now.address() == address;
            if (!(wasThere && isThere && old.digest() == now.digest())) {
                Count count = counts.computeIfAbsent(places.name(address), name -> new Count());
                count.changed += wasThere && isThere ? PageRun.PAGE_SIZE : 0;
                count.added += wasThere ? 0 : PageRun.PAGE_SIZE;
                count.removed += isThere ? 0 : PageRun.PAGE_SIZE;
            }
            if (wasThere) {
                old.advance();
            }
            if (isThere) {
                now.advance();
            }
        }
        unknownBytes += old.unknownBytes() + now.unknownBytes();
    }

    /** Finds mappings for addresses that ascend; what the newer ones do not have is looked up in the older. */
    private static final class Places {
        private final List<List<Mapping>> mappings;
        private final int[] at = new int[2];

        Places(List<Mapping> older, List<Mapping> newer) {
            this.mappings = new ArrayList<>(List.of(newer, older));
        }

        String name(long address) {
            for (int age = 0; age < at.length; age++) {
                List<Mapping> candidates = mappings.get(age);
                while (at[age] < candidates.size()
                        && Long.compareUnsigned(candidates.get(at[age]).end(), address) <= 0) {
                    at[age]++;
                }
                if (at[age] < candidates.size()
                        && Long.compareUnsigned(candidates.get(at[age]).start(), address) <= 0) {
                    return text(candidates.get(at[age]));
                }
            }
            return ELSEWHERE;
        }

        private static String text(Mapping mapping) {
            return "%x-%x %s %s"
                    .formatted(
                            mapping.start(),
                            mapping.end(),
                            mapping.permissions(),
                            mapping.name().isEmpty() ? "[anonymous]" : mapping.name());
        }
    }
}

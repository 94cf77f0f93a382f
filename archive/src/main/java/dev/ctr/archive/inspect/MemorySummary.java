package dev.ctr.archive.inspect;

import dev.ctr.criu.image.AddressSpace;
import dev.ctr.criu.image.DumpedProcess;
import dev.ctr.criu.image.Mapping;
import dev.ctr.criu.image.PageRun;
import dev.ctr.criu.image.PageWalk;
import dev.ctr.criu.image.StoredRun;
import dev.ctr.criu.image.StoredRun.Place;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Counts a process's memory by mapping. */
final class MemorySummary {
    private final CheckpointContent checkpoint;
    private final PageDigests digests;

    /** What was counted of one mapping so far, in bytes. */
    private static final class Count {
        private long present;
        private long zero;
        private long parent;
        private long lazy;
        private long missing;

        MappingMemory of(Mapping mapping) {
            return new MappingMemory(mapping, present, zero, parent, lazy, missing);
        }
    }

    MemorySummary(CheckpointContent checkpoint, PageDigests digests) {
        this.checkpoint = checkpoint;
        this.digests = digests;
    }

    /** The mappings of a process; none if it has ended. */
    List<MappingMemory> of(DumpedProcess process) throws IOException {
        Optional<AddressSpace> space = checkpoint.dump().addressSpace(process);
        if (space.isEmpty()) {
            return List.of();
        }
        List<Mapping> mappings = space.get().mappings();
        List<Count> counts = mappings.stream().map(mapping -> new Count()).toList();
        countOwn(process, mappings, counts);
        List<MappingMemory> memory = new ArrayList<>();
        for (int index = 0; index < mappings.size(); index++) {
            countShared(mappings.get(index), counts.get(index));
            memory.add(counts.get(index).of(mappings.get(index)));
        }
        return memory;
    }

    /** Mappings and pages both come by ascending address. */
    private void countOwn(DumpedProcess process, List<Mapping> mappings, List<Count> counts) throws IOException {
        int index = 0;
        try (PageWalk walk = checkpoint.dump().pages(process)) {
            for (Optional<StoredRun> next = walk.next(); next.isPresent(); next = walk.next()) {
                StoredRun run = next.get();
                while (index < mappings.size()
                        && Long.compareUnsigned(mappings.get(index).end(), run.address()) <= 0) {
                    index++;
                }
                for (int here = index;
                        here < mappings.size()
                                && Long.compareUnsigned(mappings.get(here).start(), run.end()) < 0;
                        here++) {
                    count(run, mappings.get(here).start(), mappings.get(here).end(), counts.get(here));
                }
            }
        }
    }

    private void countShared(Mapping mapping, Count count) throws IOException {
        if (mapping.segment() == 0) {
            return;
        }
        try (PageWalk walk = checkpoint.dump().segmentPages(mapping.segment())) {
            for (Optional<StoredRun> next = walk.next(); next.isPresent(); next = walk.next()) {
                count(next.get(), mapping.offset(), mapping.offset() + mapping.size(), count);
            }
        }
    }

    /** Counts the part of a run that lies between two addresses. */
    private void count(StoredRun run, long start, long end, Count count) throws IOException {
        long from = Math.max(run.address(), start);
        long to = end < 0 ? run.end() : Math.min(run.end(), end);
        if (from >= to) {
            return;
        }
        long bytes = to - from;
        switch (run.place()) {
            case LAZY -> count.lazy += bytes;
            case MISSING -> count.missing += bytes;
            case STORED -> {
                if (run.level() == 0) {
                    count.present += bytes;
                } else {
                    count.parent += bytes;
                }
                count.zero += zeroPages(run.slice(from, to)) * PageRun.PAGE_SIZE;
            }
        }
    }

    private long zeroPages(StoredRun run) throws IOException {
        long zero = 0;
        if (run.place() == Place.STORED) {
            String entry = checkpoint.pagesEntry(run);
            for (long page = 0; page < run.pages(); page++) {
                zero += digests.of(entry, run, page) == PageDigests.ZERO ? 1 : 0;
            }
        }
        return zero;
    }
}

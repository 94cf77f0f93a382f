package dev.ctr.criu.memory;

import dev.ctr.criu.image.PageRun;
import dev.ctr.criu.image.PageRun.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Asks the kernel which pages were written since the last time, and compares those alone. The marks are looked at and cleared one
 * after the other while the task runs: a write between the two is found by the next write to that page, or by the final
 * comparison. Needs a kernel with CONFIG_MEM_SOFT_DIRTY.
 */
final class SoftDirtyTracker implements Tracker {
    private record Pages(long address, long count, boolean written) {}

    @Override
    public void track(MemorySource memory, Optional<ParentPages> previous, PageSink sink) throws IOException {
        List<Pages> found = new ArrayList<>();
        memory.visitPages((address, count, written) -> found.add(new Pages(address, count, written)));
        memory.clearSoftDirty();
        if (previous.isEmpty()) {
            for (Pages pages : found) {
                memory.read(pages.address(), pages.count(), (at, content) -> sink.present(at, content, Kind.PRESENT));
            }
            return;
        }
        PageSorter sorter = new PageSorter(previous.get(), sink);
        for (Pages pages : found) {
            if (pages.written()) {
                memory.read(pages.address(), pages.count(), (at, content) -> sorter.sort(at, content, Kind.PRESENT));
            } else {
                keep(pages, previous.get(), memory, sink);
            }
        }
    }

    /** Leaves pages where they are, and reads those that the chain does not have. */
    private static void keep(Pages pages, ParentPages previous, MemorySource memory, PageSink sink) throws IOException {
        long end = pages.address() + pages.count() * PageRun.PAGE_SIZE;
        for (long at = pages.address(); at < end; ) {
            Optional<ParentPages.Extent> known = previous.find(at, end);
            long begin = known.map(ParentPages.Extent::address).orElse(end);
            if (begin > at) {
                memory.read(
                        at,
                        (begin - at) / PageRun.PAGE_SIZE,
                        (address, content) -> sink.present(address, content, Kind.PRESENT));
            }
            at = begin;
            if (known.isPresent()) {
                at = known.get().end();
                sink.inParent(begin, (at - begin) / PageRun.PAGE_SIZE);
            }
        }
    }
}

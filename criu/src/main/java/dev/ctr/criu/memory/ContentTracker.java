package dev.ctr.criu.memory;

import dev.ctr.criu.image.PageRun.Kind;
import java.io.IOException;
import java.util.Optional;

/** Reads all pages and compares each with what the chain has. Works on every kernel. */
final class ContentTracker implements Tracker {
    @Override
    public void track(MemorySource memory, Optional<ParentPages> previous, PageSink sink) throws IOException {
        MemorySource.ContentVisitor visitor;
        if (previous.isPresent()) {
            PageSorter sorter = new PageSorter(previous.get(), sink);
            visitor = (address, content) -> sorter.sort(address, content, Kind.PRESENT);
        } else {
            visitor = (address, content) -> sink.present(address, content, Kind.PRESENT);
        }
        memory.visitPages((address, pages, softDirty) -> memory.read(address, pages, visitor));
    }
}

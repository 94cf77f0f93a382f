package dev.ctr.criu.memory;

import dev.ctr.criu.image.PageRun;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Tells pages that are byte for byte as the chain has them from those that are not, and hands both to a sink. Nothing is
 * hashed: two pages are the same only if all of their bytes are. Not for concurrent use.
 */
final class PageSorter {
    private final ParentPages parent;
    private final PageSink sink;
    private final ByteBuffer old = ByteBuffer.allocateDirect(MemorySource.CHUNK);

    PageSorter(ParentPages parent, PageSink sink) {
        this.parent = parent;
        this.sink = sink;
    }

    /**
     * Sorts pages, which come in ascending order.
     *
     * @param content whole pages, at most {@link MemorySource#CHUNK} bytes
     */
    void sort(long address, ByteBuffer content, PageRun.Kind kind) throws IOException {
        long begin = address - content.position();
        long end = begin + content.limit();
        for (long at = address; at < end; ) {
            Optional<ParentPages.Extent> found = parent.find(at, end);
            long known = found.map(ParentPages.Extent::address).orElse(end);
            if (known > at) {
                sink.present(at, slice(content, at - begin, known - begin), kind);
            }
            at = known;
            if (found.isPresent()) {
                at = found.get().end();
                old.clear().limit((int) (at - known));
                found.get().read(known, old);
                compare(known, slice(content, known - begin, at - begin), kind);
            }
        }
    }

    /** Sorts pages that the chain has too: their old content is in the buffer. */
    private void compare(long address, ByteBuffer content, PageRun.Kind kind) throws IOException {
        int length = content.limit();
        int at = 0;
        while (at < length) {
            int same = samePages(content, at, length);
            if (same > 0) {
                sink.inParent(address + at, same / PageRun.PAGE_SIZE);
                at += same;
            }
            int changed = changedPages(content, at, length);
            if (changed > 0) {
                sink.present(address + at, slice(content, at, at + changed), kind);
                at += changed;
            }
        }
    }

    /** How many bytes of whole pages from here on are the same. */
    private int samePages(ByteBuffer content, int from, int to) {
        int difference = slice(content, from, to).mismatch(slice(old, from, to));
        return difference < 0 ? to - from : difference & -PageRun.PAGE_SIZE;
    }

    /** How many bytes of pages from here on differ, each of them. */
    private int changedPages(ByteBuffer content, int from, int to) {
        int end = from;
        while (end < to && samePages(content, end, end + PageRun.PAGE_SIZE) == 0) {
            end += PageRun.PAGE_SIZE;
        }
        return end - from;
    }

    private static ByteBuffer slice(ByteBuffer buffer, long from, long to) {
        return buffer.slice((int) from, (int) (to - from));
    }
}

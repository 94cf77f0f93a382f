package dev.ctr.criu.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Tries both ways of asking for pages on this process's own memory. */
final class PagemapTest {
    private static final long PAGE = LibC.getpagesize();

    @Test
    void bothWaysFindThePagesThatWereWritten() throws Exception {
        assumeTrue(MemoryFeatures.pagemapScan(), "the kernel has no PAGEMAP_SCAN");
        long pages = 20_000;
        long start = LibC.mmap(
                0, pages * PAGE, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS, -1, 0);
        try {
            Set<Long> written = new TreeSet<>();
            for (long page = 0; page < pages; page += page < 10 ? 1 : 7) {
                new Pointer(start + page * PAGE).setByte(0, (byte) 1);
                written.add(start + page * PAGE);
            }
            long self = ProcessHandle.current().pid();
            try (Pagemap scanned = Pagemap.open(self);
                    Pagemap read = Pagemap.openEntries(self)) {
                assertThat(pages(scanned, start, start + pages * PAGE)).isEqualTo(written);
                assertThat(pages(read, start, start + pages * PAGE)).isEqualTo(written);
            }
        } finally {
            LibC.munmap(start, pages * PAGE);
        }
    }

    private static Set<Long> pages(Pagemap pagemap, long start, long end) throws Exception {
        Set<Long> found = new TreeSet<>();
        pagemap.visit(start, end, (address, count, dirty) -> {
            for (long page = 0; page < count; page++) {
                found.add(address + page * PAGE);
            }
        });
        return found;
    }

    @Test
    void memoryIsReadUpToTheFirstGap() throws Exception {
        long start =
                LibC.mmap(0, 3 * PAGE, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS, -1, 0);
        try (ProcessMemory memory = new ProcessMemory(ProcessHandle.current().pid())) {
            new Pointer(start + PAGE).setByte(5, (byte) 42);
            LibC.munmap(start + 2 * PAGE, PAGE);
            ByteBuffer buffer = ByteBuffer.allocateDirect((int) (3 * PAGE));
            assertThat(memory.read(start, buffer)).isEqualTo((int) (2 * PAGE));
            assertThat(buffer.get((int) PAGE + 5)).isEqualTo((byte) 42);
            assertThat(memory.read(start + 2 * PAGE, buffer.clear())).isZero();
        } finally {
            LibC.munmap(start, 2 * PAGE);
        }
    }
}

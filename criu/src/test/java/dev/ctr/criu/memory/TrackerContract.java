package dev.ctr.criu.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ctr.criu.image.PageRun;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every tracker must do, on a real process. */
abstract class TrackerContract {
    private static final int PAGES = 2048;

    /** Pages that a process changes by the mere carrying out of orders. */
    private static final int WORKING_PAGES = 64;

    @TempDir
    Path directory;

    private MemoryChild child;
    private int levels;

    /** The tracker; skips the test where the host does not have it. */
    abstract TrackerChoice choice() throws IOException;

    @BeforeEach
    void start() throws IOException {
        choice();
        child = MemoryChild.start(PAGES);
    }

    @AfterEach
    void end() throws IOException {
        if (child != null) {
            child.close();
        }
    }

    private MemoryLevel.Content level() throws IOException {
        Optional<String> parent = levels == 0 ? Optional.empty() : Optional.of("../" + levels);
        levels++;
        return MemoryLevel.write(
                Files.createDirectory(directory.resolve(Integer.toString(levels))),
                parent,
                choice(),
                List.of(child.task()));
    }

    @Test
    void theFirstLevelHoldsEverything() throws IOException {
        assertThat(level().pagesWritten()).isGreaterThan(PAGES);
        assertChainIsTheMemory();
    }

    @Test
    void furtherLevelsHoldWhatChanged() throws IOException {
        level();
        for (int changed : List.of(300, 1, 77)) {
            child.order("set 500 " + changed);
            MemoryLevel.Content content = level();
            assertThat(content.pagesWritten()).isBetween((long) changed, (long) changed + WORKING_PAGES);
            assertThat(content.pagesInParent()).isGreaterThan(PAGES - changed - WORKING_PAGES);
        }
        assertChainIsTheMemory();
    }

    @Test
    void whatIsNewIsInTheLevelAndWhatIsGoneIsNot() throws IOException {
        MemoryLevel.Content first = level();
        child.order("grow " + PAGES);
        assertThat(level().pagesWritten()).isGreaterThanOrEqualTo(PAGES);
        assertChainIsTheMemory();
        child.order("shrink");
        MemoryLevel.Content last = level();
        assertThat(last.pagesWritten() + last.pagesInParent()).isLessThan(first.pagesWritten() - PAGES / 2);
        assertChainIsTheMemory();
    }

    @Test
    void anotherProgramInTheSameProcessIsAnotherMemory() throws IOException {
        level();
        child.order("exec");
        level();
        assertChainIsTheMemory();
    }

    @Test
    void aProcessThatHasEndedIsLeftOut() throws Exception {
        level();
        LevelTask ended = child.task();
        child.kill();
        Path next = Files.createDirectory(directory.resolve("ended"));
        assertThat(MemoryLevel.write(next, Optional.of("../1"), choice(), List.of(ended)))
                .isEqualTo(new MemoryLevel.Content(0, 0, 0));
        assertThat(next.toFile().list()).containsExactly("parent");
    }

    /** The process does nothing at the moment, so what the chain has must be what the process has. */
    private void assertChainIsTheMemory() throws IOException {
        Path last = directory.resolve(Integer.toString(levels));
        String name = "pagemap-" + child.task().virtualPid() + ".img";
        ByteBuffer saved = ByteBuffer.allocateDirect(MemorySource.CHUNK);
        try (MemorySource memory = MemorySource.open(child.task().process());
                ParentPages chain = ParentPages.open(last, name).orElseThrow()) {
            memory.visitPages((address, pages, dirty) -> memory.read(address, pages, (at, content) -> {
                long end = at + content.remaining();
                for (long place = at; place < end; ) {
                    ParentPages.Extent extent = chain.find(place, end).orElseThrow();
                    assertThat(extent.address()).isEqualTo(place);
                    saved.clear().limit((int) (extent.end() - place));
                    extent.read(place, saved);
                    assertThat(content.slice((int) (place - at), saved.limit()).mismatch(saved.flip()))
                            .as("difference behind 0x%x", place)
                            .isNegative();
                    place = extent.end();
                }
                assertThat(end % PageRun.PAGE_SIZE).isZero();
            }));
        }
        ChainCoverage.check(last);
    }
}

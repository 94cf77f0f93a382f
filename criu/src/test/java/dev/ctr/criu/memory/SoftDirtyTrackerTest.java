package dev.ctr.criu.memory;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.criu.linux.MemoryFeatures;
import java.io.IOException;

final class SoftDirtyTrackerTest extends TrackerContract {
    @Override
    TrackerChoice choice() throws IOException {
        assumeTrue(MemoryFeatures.softDirty(), "the kernel has no soft-dirty marks");
        return TrackerChoice.SOFT_DIRTY;
    }
}

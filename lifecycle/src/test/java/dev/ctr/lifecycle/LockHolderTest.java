package dev.ctr.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LockHolderTest {
    @TempDir
    private Path directory;

    @Test
    void whoHasALockIsKnownAsLongAsItIsHeld() throws IOException {
        Path file = Files.createFile(directory.resolve("lock"));
        assertThat(LockHolder.of(file)).isEmpty();
        try (LockFile ignored = LockFile.acquire(file)) {
            assertThat(LockHolder.of(file))
                    .contains(new LockHolder(ProcessHandle.current().pid(), false));
        }
        assertThat(LockHolder.of(file)).isEmpty();
    }
}

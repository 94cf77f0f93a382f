package dev.ctr.criu.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PrivateMountsTest {
    @TempDir
    Path directory;

    @Test
    void mountsAreSeenThroughTheirDescriptorAndNowhereElse() throws Exception {
        Root.assumed();
        Path below = Files.createDirectory(directory.resolve("below"));
        try (PrivateMounts<DirectoryDescriptor> mounts = PrivateMounts.open(() -> {
                    Mounts.mount("tmpfs", directory, "tmpfs", 0, "");
                    Files.createDirectory(directory.resolve("inner"));
                    Mounts.mount("tmpfs", directory.resolve("inner"), "tmpfs", 0, "");
                    Files.writeString(directory.resolve("inner/file"), "hidden");
                    return DirectoryDescriptor.open(directory);
                });
                DirectoryDescriptor top = mounts.result();
                PinnedFile file = top.pin(Path.of("inner/file"))) {
            assertThat(Files.readString(file.path())).isEqualTo("hidden");
            assertThat(below).isEmptyDirectory();
            assertThat(Mounts.isMounted(directory)).isFalse();
        }
        assertThat(below).isEmptyDirectory();
    }

    @Test
    void aSettingUpThatFailsLeavesNothingAndSaysWhy() throws IOException {
        Root.assumed();
        assertThatThrownBy(() -> PrivateMounts.open(() -> {
                    Mounts.mount("tmpfs", directory, "tmpfs", 0, "");
                    throw new IOException("no more");
                }))
                .hasMessage("no more");
        assertThat(directory).isEmptyDirectory();
    }
}

package dev.ctr.criu.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PinnedFileTest {
    @TempDir
    Path directory;

    @Test
    void staysTheSameFileWhateverTakesItsName() throws IOException {
        Files.writeString(directory.resolve("file"), "first");
        try (DirectoryDescriptor top = DirectoryDescriptor.open(directory);
                PinnedFile pinned = top.pin(Path.of("/file"))) {
            Files.delete(directory.resolve("file"));
            Files.createSymbolicLink(directory.resolve("file"), Path.of("/etc/passwd"));
            assertThat(Files.readString(pinned.path())).isEqualTo("first");
        }
    }

    @Test
    void linksAreResolvedInsideTheDirectoryOrNotAtAll() throws IOException {
        Path inner = Files.createDirectory(directory.resolve("inner"));
        Files.writeString(inner.resolve("passwd"), "inner");
        Files.createSymbolicLink(inner.resolve("up"), Path.of("../../../../passwd"));
        Files.createSymbolicLink(inner.resolve("out"), directory);
        try (DirectoryDescriptor top = DirectoryDescriptor.open(inner);
                PinnedFile up = top.pin(Path.of("up"));
                PinnedFile link = top.pinWithoutLinks(Path.of("up"))) {
            assertThat(Files.readString(up.path())).isEqualTo("inner");
            assertThat((Integer) Files.getAttribute(link.path(), "unix:mode") & 0170000)
                    .isEqualTo(0120000);
            assertThat(up.kernelPath()).isEqualTo(inner.toRealPath().resolve("passwd"));
            assertThatThrownBy(() -> top.pin(Path.of("out"))).hasMessageContaining("ENOENT");
            assertThatThrownBy(() -> top.pinWithoutLinks(Path.of(".."))).hasMessageContaining("EXDEV");
        }
    }

    @Test
    void aFifoDoesNotBlock() throws IOException {
        FileNodes.mkfifo(directory.resolve("fifo"), 0600);
        try (DirectoryDescriptor top = DirectoryDescriptor.open(directory)) {
            Assertions.assertTimeoutPreemptively(
                    Duration.ofSeconds(10), () -> top.pin(Path.of("fifo")).close());
        }
    }
}

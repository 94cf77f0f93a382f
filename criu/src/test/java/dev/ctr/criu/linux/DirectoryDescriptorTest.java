package dev.ctr.criu.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectoryDescriptorTest {
    @TempDir
    Path directory;

    private Path root;
    private DirectoryDescriptor descriptor;

    @BeforeEach
    void open() throws IOException {
        root = Files.createDirectory(directory.resolve("root"));
        descriptor = DirectoryDescriptor.open(root);
    }

    @AfterEach
    void close() throws IOException {
        descriptor.close();
    }

    @Test
    void aLinkThatLeadsOutEndsInsideTheRoot() throws IOException {
        Files.createDirectories(directory.resolve("outside"));
        Files.createSymbolicLink(root.resolve("absolute"), directory.resolve("outside"));
        Files.createSymbolicLink(root.resolve("up"), Path.of("../../../../outside"));
        Files.createDirectories(root.resolve("outside"));

        failsWith(Errno.ENOENT, () -> descriptor.descend(Path.of("absolute")));
        try (DirectoryDescriptor inside = descriptor.descend(Path.of("up"))) {
            Files.createFile(inside.path().resolve("file"));
        }
        assertThat(root.resolve("outside/file")).exists();
        assertThat(directory.resolve("outside/file")).doesNotExist();
    }

    @Test
    void theStrictWayFollowsNoLinkAtAll() throws IOException {
        Files.createDirectories(root.resolve("a/b"));
        Files.createSymbolicLink(root.resolve("link"), Path.of("a"));

        failsWith(Errno.ELOOP, () -> descriptor.descendWithoutLinks(Path.of("link/b")));
        failsWith(Errno.EXDEV, () -> descriptor.descendWithoutLinks(Path.of("../root")));
        failsWith(Errno.EXDEV, () -> descriptor.descendWithoutLinks(Path.of("/")));
        failsWith(Errno.ENOENT, () -> descriptor.descendWithoutLinks(Path.of("a/missing")));
        try (DirectoryDescriptor b = descriptor.descendWithoutLinks(Path.of("a/b"))) {
            assertThat(b.path()).isDirectory();
            assertThat(b.shownPath()).isEqualTo(root.resolve("a/b"));
        }
    }

    @Test
    void staysAtTheDirectoryThoughItIsReplacedByALink() throws IOException {
        Files.createDirectories(root.resolve("a"));
        Files.createDirectories(directory.resolve("outside"));
        try (DirectoryDescriptor a = descriptor.descend(Path.of("a"))) {
            Files.move(root.resolve("a"), root.resolve("moved"));
            Files.createSymbolicLink(root.resolve("a"), directory.resolve("outside"));

            Files.createFile(a.path().resolve("file"));

            assertThat(root.resolve("moved/file")).exists();
            assertThat(directory.resolve("outside")).isEmptyDirectory();
        }
    }

    @Test
    void theEmptyPathIsTheDirectoryItselfAndALeadingSlashIsIgnored() throws IOException {
        Files.createDirectories(root.resolve("a"));
        try (DirectoryDescriptor same = descriptor.descend(Path.of(""));
                DirectoryDescriptor a = descriptor.descend(Path.of("/a"))) {
            assertThat(same.path().toRealPath()).isEqualTo(root.toRealPath());
            assertThat(a.path().toRealPath()).isEqualTo(root.resolve("a").toRealPath());
            assertThat(a.shownPath()).isEqualTo(root.resolve("a"));
        }
    }

    private static void failsWith(int errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }
}

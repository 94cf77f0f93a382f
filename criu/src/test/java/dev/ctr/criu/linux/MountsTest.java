package dev.ctr.criu.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MountsTest {
    @TempDir
    Path directory;

    @AfterEach
    void unmount() throws IOException {
        Mounts.unmountAllBelow(directory);
    }

    @Test
    void mountsAndUnmountsATmpfs() throws IOException {
        Root.assumed();
        Path target = Files.createDirectory(directory.resolve("a"));

        Mounts.mount("some name", target, "tmpfs", Mounts.NOSUID | Mounts.NODEV, "size=64k");

        Mount mount = only(target);
        assertThat(mount.type()).isEqualTo("tmpfs");
        assertThat(mount.source()).isEqualTo("some name");
        assertThat(mount.options()).contains("nosuid", "nodev");
        assertThat(mount.superOptions()).contains("size=64k");
        assertThat(Mounts.isMounted(target)).isTrue();
        Mounts.unmount(target);
        assertThat(Mounts.isMounted(target)).isFalse();
    }

    @Test
    void bindsADirectoryAndRemountsItReadOnly() throws IOException {
        Root.assumed();
        Path source = Files.createDirectory(directory.resolve("source"));
        Path target = Files.createDirectory(directory.resolve("target"));
        Files.writeString(source.resolve("file"), "content");

        Mounts.bind(source, target);
        Mounts.mount("", target, "", Mounts.BIND | Mounts.REMOUNT | Mounts.RDONLY, "");

        assertThat(target.resolve("file")).hasContent("content");
        assertThat(only(target).options()).contains("ro");
        assertThatThrownBy(() -> Files.writeString(target.resolve("file"), "other"))
                .hasMessageContaining("Read-only file system");
    }

    @Test
    void namesTheMountThatFailedAndTheReason() throws IOException {
        Root.assumed();
        assertThatThrownBy(() -> Mounts.mount("none", directory, "nosuchfs", 0, ""))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV))
                .hasMessage("mount nosuchfs on " + directory + ": No such device (ENODEV)");
    }

    @Test
    void unmountingWhatIsNotMountedOrMissingIsNoError() throws IOException {
        Mounts.unmount(directory);
        Mounts.detach(directory.resolve("missing"));
    }

    @Test
    void decodesEscapesInTheMountTable() throws IOException {
        Root.assumed();
        Path target = Files.createDirectory(
                directory.resolve(PathBytes.path("a b\tc\\d\nü".getBytes(StandardCharsets.UTF_8))));

        Mounts.mount("none", target, "tmpfs", 0, "");

        assertThat(only(target).mountPoint()).isEqualTo(target);
    }

    @Test
    void unmountsEverythingBelowThoughItIsStackedAndBusy() throws IOException {
        Root.assumed();
        Mounts.mount("outer", directory, "tmpfs", 0, "");
        Path inner = Files.createDirectories(directory.resolve("x/inner"));
        Mounts.mount("inner", inner, "tmpfs", 0, "");
        Mounts.mount("over inner", inner, "tmpfs", 0, "");
        Path beside = Files.createDirectory(directory.resolveSibling(directory.getFileName() + "-beside"));
        Mounts.mount("beside", beside, "tmpfs", 0, "");

        try (Descriptor busy = Descriptor.open(inner, LibC.O_RDONLY)) {
            Mounts.unmountAllBelow(directory);

            assertThat(busy.isOpen()).isTrue();
            assertThat(Mounts.list()).noneMatch(mount -> mount.mountPoint().startsWith(directory));
            assertThat(Mounts.isMounted(beside)).isTrue();
        } finally {
            Mounts.unmount(beside);
            Files.delete(beside);
        }
    }

    @Test
    void listsTheRootMountAndItsParents() throws IOException {
        List<Mount> mounts = Mounts.list();

        assertThat(mounts)
                .anyMatch(mount -> mount.mountPoint().equals(Path.of("/proc"))
                        && mount.type().equals("proc"));
        assertThat(mounts).extracting(Mount::id).doesNotHaveDuplicates();
    }

    private static Mount only(Path target) throws IOException {
        List<Mount> mounts = Mounts.list().stream()
                .filter(mount -> mount.mountPoint().equals(target))
                .toList();
        assertThat(mounts).hasSize(1);
        return mounts.get(0);
    }
}

package dev.ctr.criu.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileNodesTest {
    @TempDir
    Path directory;

    @Test
    void makesADeviceNode() throws IOException {
        Root.assumed();
        Path node = directory.resolve("null");
        FileNodes.mknod(node, FileNodes.S_IFCHR | 0600, FileNodes.device(1, 3));

        assertThat((Integer) Files.getAttribute(node, "unix:mode")).isEqualTo(FileNodes.S_IFCHR | 0600);
        assertThat((Long) Files.getAttribute(node, "unix:rdev")).isEqualTo(FileNodes.device(1, 3));
        Files.writeString(node, "swallowed");
        assertThatThrownBy(() -> FileNodes.mknod(node, FileNodes.S_IFIFO, 0))
                .hasMessage("make the node " + node + ": File exists (EEXIST)");
    }

    @Test
    void makesAFifo() throws IOException {
        Path fifo = directory.resolve("fifo");
        FileNodes.mkfifo(fifo, 0600);

        assertThat((Integer) Files.getAttribute(fifo, "unix:mode")).isEqualTo(FileNodes.S_IFIFO | 0600);
    }

    @Test
    void deviceNumbersSplitAgain() {
        for (int[] number :
                new int[][] {{0, 0}, {1, 3}, {8, 255}, {254, 1_048_575}, {4095, 256}, {0x12345, 0xfedcba}}) {
            long device = FileNodes.device(number[0], number[1]);
            assertThat(FileNodes.major(device)).isEqualTo(number[0]);
            assertThat(FileNodes.minor(device)).isEqualTo(number[1]);
        }
        assertThat(FileNodes.device(8, 1)).isEqualTo(0x801);
    }

    @Test
    void changesALinkAndNotWhatItLeadsTo() throws IOException {
        Root.assumed();
        Path file = Files.createFile(directory.resolve("file"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        FileTime before = Files.getLastModifiedTime(file);

        FileNodes.lchown(link, 1234, 5678);
        FileNodes.setTimesNoFollow(link, -1, 999_999_999);

        assertThat(Files.getAttribute(link, "unix:uid", LinkOption.NOFOLLOW_LINKS))
                .isEqualTo(1234);
        assertThat(Files.getAttribute(link, "unix:gid", LinkOption.NOFOLLOW_LINKS))
                .isEqualTo(5678);
        assertThat(Files.getLastModifiedTime(link, LinkOption.NOFOLLOW_LINKS).toInstant())
                .isEqualTo(Instant.ofEpochSecond(-1, 999_999_999));
        assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(0);
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(before);
    }

    @Test
    void setsAllTwelveModeBits() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        FileNodes.chmod(file, 07755);

        assertThat((Integer) Files.getAttribute(file, "unix:mode") & 07777).isEqualTo(07755);
    }

    @Test
    void aModeIsNeverSetThroughALink() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        FileNodes.chmod(file, 0600);
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);

        assertThatThrownBy(() -> FileNodes.chmod(link, 0777)).hasMessageContaining("EOPNOTSUPP");
        assertThat((Integer) Files.getAttribute(file, "unix:mode") & 0777).isEqualTo(0600);
    }
}

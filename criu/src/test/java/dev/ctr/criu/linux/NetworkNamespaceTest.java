package dev.ctr.criu.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NetworkNamespaceTest {
    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void create() throws IOException, InterruptedException {
        Root.assumed();
        file = directory.resolve("netns");
        NetworkNamespace.create(file);
    }

    @AfterEach
    void delete() throws IOException {
        Mounts.unmountAllBelow(directory);
    }

    @Test
    void theNewNamespaceIsAnotherOneAndHasOnlyALoopbackInterface() throws Exception {
        long outside = NetworkNamespace.currentInode();

        long inside = NetworkNamespace.call(file, NetworkNamespace::currentInode);

        assertThat(inside).isNotEqualTo(outside).isEqualTo(NetworkNamespace.inode(file));
        List<String> interfaces =
                NetworkNamespace.call(file, () -> Files.readAllLines(Path.of("/proc/thread-self/net/dev")));
        assertThat(interfaces.stream().skip(2)).singleElement().asString().contains("lo:");
        assertThat(NetworkNamespace.currentInode()).isEqualTo(outside);
    }

    @Test
    void deletingTwiceIsNoError() throws IOException {
        NetworkNamespace.delete(file);
        NetworkNamespace.delete(file);

        assertThat(file).doesNotExist();
        assertThat(Mounts.list()).noneMatch(mount -> mount.mountPoint().equals(file));
    }

    @Test
    void doesNotTakeAFileThatExists() {
        assertThatThrownBy(() -> NetworkNamespace.create(file)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(file).exists();
    }

    @Test
    void anActionsExceptionReachesTheCaller() {
        assertThatThrownBy(() -> NetworkNamespace.call(file, () -> {
                    throw new IOException("no luck");
                }))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("no luck");
    }

    @Test
    void enteringWhatIsNoNamespaceSaysSo() throws IOException {
        Path other = Files.createFile(directory.resolve("other"));

        assertThatThrownBy(() -> NetworkNamespace.call(other, () -> 1))
                .isInstanceOf(LinuxException.class)
                .hasMessageStartingWith("enter the network namespace " + other);
    }
}

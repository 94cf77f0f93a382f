package dev.ctr.criu.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TreesTest {
    @TempDir
    Path directory;

    private Path tree;
    private Path precious;

    @BeforeEach
    void plant() throws IOException {
        precious = Files.createDirectories(directory.resolve("precious"));
        Files.writeString(precious.resolve("file"), "keep");
        tree = Files.createDirectories(directory.resolve("tree"));
        Files.createDirectories(tree.resolve("a/b/c"));
        Files.writeString(tree.resolve("a/b/file"), "x");
        Files.createDirectory(tree.resolve("empty"));
        Files.createSymbolicLink(tree.resolve("a/out"), precious);
        Files.createSymbolicLink(tree.resolve("dangling"), Path.of("nowhere"));
    }

    @AfterEach
    void unmount() throws IOException {
        Mounts.unmountAllBelow(directory);
    }

    @Test
    void deletesATreeAndNotWhatItsLinksLeadTo() throws IOException {
        Trees.delete(tree);

        assertThat(tree).doesNotExist();
        assertThat(precious.resolve("file")).hasContent("keep");
    }

    @Test
    void deletesALinkAFileAndWhatIsMissing() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), precious);

        Trees.delete(link);
        Trees.delete(tree.resolve("a/b/file"));
        Trees.delete(directory.resolve("missing"));

        assertThat(link).doesNotExist();
        assertThat(tree.resolve("a/b/file")).doesNotExist();
        assertThat(precious.resolve("file")).hasContent("keep");
    }

    @Test
    void refusesATreeWithAMountAndDeletesNothing() throws IOException {
        Root.assumed();
        Mounts.bind(precious, tree.resolve("a/b/c"));

        assertThatThrownBy(() -> Trees.delete(tree))
                .isInstanceOf(IOException.class)
                .hasMessage("Cannot delete " + tree + ": " + tree.toRealPath().resolve("a/b/c")
                        + " is a mount point; unmount it first");

        assertThat(tree.resolve("empty")).exists();
        assertThat(tree.resolve("a/b/file")).exists();
        assertThat(precious.resolve("file")).hasContent("keep");
    }

    @Test
    void theKernelKeepsADeletionFromEnteringABindMount() throws IOException {
        Root.assumed();
        Mounts.bind(precious, tree.resolve("empty"));

        try (DirectoryDescriptor top = DirectoryDescriptor.open(tree)) {
            assertThatThrownBy(() -> top.descendWithinMount(Path.of("empty")))
                    .isInstanceOfSatisfying(
                            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EXDEV));
        }
    }

    @Test
    void deletesATreeDeeperThanAnyPathMayBeLongOnASmallStack() throws Exception {
        Root.assumed();
        Path memory = Files.createDirectory(directory.resolve("memory"));
        Mounts.mount("none", memory, "tmpfs", 0, "");
        Path deep = Files.createDirectory(memory.resolve("deep"));
        String script = """
                import os, sys
                os.chdir(sys.argv[1])
                for i in range(5000):
                    open('file', 'w').close()
                    os.mkdir('d')
                    os.chdir('d')
                """;
        int made = new ProcessLaunch(List.of("python3", "-c", script, deep.toString()), Map.of("PATH", "/usr/bin:/bin"))
                .start()
                .waitFor();
        assertThat(made).isZero();

        FutureTask<Boolean> deletion = new FutureTask<>(() -> {
            Trees.delete(deep);
            return true;
        });
        new Thread(null, deletion, "small-stack", 256 * 1024).start();

        assertThat(deletion.get(1, TimeUnit.MINUTES)).isTrue();
        assertThat(deep).doesNotExist();
    }

    @Test
    void deletesWhatHasANameInADirectoryAndNotWhereALinkLeads() throws IOException {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.createFile(outside.resolve("kept"));
        Path top = Files.createDirectory(directory.resolve("top"));
        Files.createDirectories(top.resolve("tree/a/b"));
        Files.createFile(top.resolve("tree/a/file"));
        Files.createSymbolicLink(top.resolve("tree/link"), outside);
        Files.createSymbolicLink(top.resolve("link"), outside);
        try (DirectoryDescriptor descriptor = DirectoryDescriptor.open(top)) {
            Trees.delete(descriptor, Path.of("tree"));
            Trees.delete(descriptor, Path.of("link"));
            Trees.delete(descriptor, Path.of("missing"));
        }
        assertThat(top).isEmptyDirectory();
        assertThat(outside.resolve("kept")).exists();
    }
}

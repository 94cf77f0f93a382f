package dev.ctr.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.criu.linux.DirectoryDescriptor;
import dev.ctr.criu.linux.FileNodes;
import dev.ctr.criu.linux.Xattrs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarTreeTest {
    @TempDir
    Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private List<String> names() throws IOException {
        TarReader reader = new TarReader(new ByteArrayInputStream(out.toByteArray()), "the test");
        List<String> names = new ArrayList<>();
        for (Optional<TarEntry> entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            names.add(entry.get().name());
        }
        return names;
    }

    private TarTree write(TarTree.Devices devices, Path tree, String name) throws IOException {
        TarTree tar = new TarTree(out, devices);
        try (DirectoryDescriptor top = DirectoryDescriptor.open(tree)) {
            tar.addDirectory(top, name, false);
        }
        tar.finish();
        return tar;
    }

    @Test
    void aTreeComesOutOfItsTarAsItWentIn() throws IOException {
        assumeTrue(Machine.canMakeNodesAndOwners(directory), "needs mknod and chown (root)");
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Files.createDirectory(tree.resolve("sub"));
        Files.writeString(tree.resolve("file"), "content");
        Files.createLink(tree.resolve("sub/hard"), tree.resolve("file"));
        Files.createSymbolicLink(tree.resolve("link"), Path.of("/nowhere/"));
        FileNodes.mkfifo(tree.resolve("fifo"), 0640);
        FileNodes.mknod(tree.resolve("device"), FileNodes.S_IFCHR | 0600, FileNodes.device(1, 3));
        Xattrs.set(tree.resolve("file"), "user.note", "kept".getBytes(StandardCharsets.UTF_8));
        FileNodes.chmod(tree.resolve("file"), 04711);

        assertThat(write(TarTree.Devices.KEEP, tree, "").warnings()).isEmpty();

        Path copy = Files.createDirectory(directory.resolve("copy"));
        TarExtractor.extract(new ByteArrayInputStream(out.toByteArray()), "the test", copy, ExtractionOptions.EXACT);
        String list = "find . -mindepth 1 -printf '%P %M %n %l\\n' | sort; cat sub/hard";
        assertThat(Shell.run(copy, list)).isEqualTo(Shell.run(tree, list));
        assertThat(Xattrs.get(copy.resolve("sub/hard"), "user.note"))
                .hasValueSatisfying(value -> assertThat(value).asString().isEqualTo("kept"));
    }

    @Test
    void devicesAndTheDirectoryItselfAreThereOnlyIfAskedFor() throws IOException {
        assumeTrue(Machine.canMakeNodesAndOwners(directory), "needs mknod and chown (root)");
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Files.createFile(tree.resolve("file"));
        FileNodes.mknod(tree.resolve("device"), FileNodes.S_IFCHR | 0600, FileNodes.device(1, 3));

        assertThat(write(TarTree.Devices.LEAVE_OUT, tree, "name").warnings())
                .containsExactly("left out the device node device");
        assertThat(names()).containsExactly("name/", "name/file");
    }
}

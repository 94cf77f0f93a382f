package dev.ctr.criu.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class XattrsTest {
    @TempDir
    Path directory;

    @BeforeEach
    void attributesSupported() throws IOException {
        assumeTrue(Files.getFileStore(directory).supportsFileAttributeView("user"), "needs extended attributes");
    }

    @Test
    void setsListsReadsAndRemoves() throws IOException {
        Path file = Files.createFile(directory.resolve(PathBytes.path("ü file".getBytes(StandardCharsets.UTF_8))));
        byte[] large = new byte[3000];
        large[2999] = 9;

        Xattrs.set(file, "user.one", new byte[] {0, 1});
        Xattrs.set(file, "user.large", large);
        Xattrs.set(file, "user.empty", new byte[0]);

        assertThat(Xattrs.list(file)).contains("user.one", "user.large", "user.empty");
        assertThat(Xattrs.get(file, "user.one")).hasValue(new byte[] {0, 1});
        assertThat(Xattrs.get(file, "user.large")).hasValue(large);
        assertThat(Xattrs.get(file, "user.empty")).hasValue(new byte[0]);
        assertThat(Xattrs.get(file, "user.none")).isEmpty();
        Xattrs.remove(file, "user.one");
        Xattrs.remove(file, "user.one");
        assertThat(Xattrs.list(file)).contains("user.large").doesNotContain("user.one");
    }

    @Test
    void listsMoreNamesThanFitAtFirst() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        for (int i = 0; i < 30; i++) {
            Xattrs.set(file, "user." + i + "x".repeat(60), new byte[0]);
        }

        assertThat(Xattrs.list(file)).hasSize(30);
    }

    @Test
    void aLinkIsNotFollowed() throws IOException {
        Root.assumed();
        Path file = Files.createFile(directory.resolve("file"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);

        Xattrs.set(link, "trusted.note", new byte[] {1});

        assertThat(Xattrs.list(link)).contains("trusted.note");
        assertThat(Xattrs.list(file)).doesNotContain("trusted.note");
    }

    @Test
    void aMissingFileIsNamed() {
        Path missing = directory.resolve("missing");
        assertThatThrownBy(() -> Xattrs.set(missing, "user.x", new byte[1]))
                .hasMessage("set the extended attribute user.x of " + missing + ": No such file or directory (ENOENT)");
    }
}

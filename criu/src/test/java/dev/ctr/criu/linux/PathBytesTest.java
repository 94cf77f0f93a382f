package dev.ctr.criu.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PathBytesTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"/", "", "a", "/a/b", "a/../b", "ü", "/ü/é", "../ü/x", "%41 +?#:", "ü%41"})
    void bytesAndPathAreTheSameName(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);

        assertThat(PathBytes.of(PathBytes.path(bytes))).isEqualTo(bytes);
        assertThat(PathBytes.path(bytes).isAbsolute()).isEqualTo(name.startsWith("/"));
    }

    @Test
    void aNameThatIsNoTextSurvives() throws IOException {
        byte[] latin = {'m', (byte) 0xfc, 'l', 'l'};
        Path file = directory.resolve(PathBytes.path(latin));
        Files.createDirectory(file);

        Path listed;
        try (Stream<Path> entries = Files.list(directory)) {
            listed = entries.findFirst().orElseThrow();
        }

        assertThat(PathBytes.of(directory.relativize(listed))).isEqualTo(latin);
        FileNodes.chmod(listed, 0711);
        assertThat((Integer) Files.getAttribute(listed, "unix:mode") & 07777).isEqualTo(0711);
    }
}

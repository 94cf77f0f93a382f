package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.EngineException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Bytes kept with a container. */
class ArtifactsTest {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void artifactsAreKeptByNameAndTravelWithCheckpoints() {
        try (CtrRoot root = CtrRoot.create().withBusybox()) {
            root.ctr("run", "-d", "--name", "c", "--network", "none", "bb", "sleep", "1000");
            Container container = root.engine().container("c");
            assertThatThrownBy(() -> container.getArtifact("one")).hasMessage("the container has no artifact \"one\"");
            container.addArtifact("one", bytes("first"));
            container.addArtifact("one", bytes("second"));
            container.addArtifact("two", new byte[] {0, -1});
            container.addArtifact("three", bytes("3"));
            container.removeArtifact("three");
            for (String bad : List.of("", "..", ".", "a/b", "../x", "/x", "-x", "a\0")) {
                assertThatThrownBy(() -> container.addArtifact(bad, bytes("x")))
                        .as(bad)
                        .isInstanceOf(EngineException.class)
                        .hasMessageContaining("cannot name an artifact");
                assertThatThrownBy(() -> container.getArtifact(bad)).isInstanceOf(EngineException.class);
                assertThatThrownBy(() -> container.removeArtifact(bad)).isInstanceOf(EngineException.class);
            }
            Path archive = root.directory().resolve("c.tar.zst");
            root.ctr("checkpoint", "-e", archive.toString(), "c");
            root.ctr("restore", "-i", archive.toString(), "-n", "copy");
            Container copy = root.engine().container("copy");
            assertThat(copy.getArtifact("one")).isEqualTo(bytes("second"));
            assertThat(copy.getArtifact("two")).isEqualTo(new byte[] {0, -1});
            assertThatThrownBy(() -> copy.getArtifact("three")).hasMessageContaining("has no artifact");
            root.ctr("restore", "c");
            assertThat(container.getArtifact("one")).isEqualTo(bytes("second"));
            copy.remove(true, true, Optional.of(Duration.ZERO));
        }
    }
}

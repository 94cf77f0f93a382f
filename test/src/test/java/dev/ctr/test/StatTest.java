package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.FileStat;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Looking at files in containers. */
class StatTest {
    private static final int DIRECTORY = 0040000;
    private static final int FILE = 0100000;

    @Test
    void aFileIsDescribedAsTheContainerSeesItRunningOrNot() {
        try (CtrRoot root = CtrRoot.create().withBusybox()) {
            root.ctr("run", "-d", "--name", "c", "--network", "none", "-v", "v:/data", "--tmpfs", "/tmp", "bb", "sleep", "1000");
            Container container = root.engine().container("c");
            Inside.sh(
                    container,
                    "ln -s ../data/file /etc/link; ln -s /etc/link /chain; ln -s /data /volume; echo 12345 > /data/file;"
                            + " chmod 4750 /data/file; touch -d @1000000000 /data/file; ln -s gone /dangling; echo > /tmp/x;"
                            + " chmod 1777 /app");
            JsonNode json = JsonOutput.of(root.ctr("stat", "c:/chain"));
            assertThat(json.path("Name").asText()).isEqualTo("chain");
            assertThat(json.path("Size").asLong()).isEqualTo(6);
            assertThat(json.path("Mode").asLong()).as("Go's FileMode").isEqualTo(1L << 23 | 0750);
            assertThat(json.path("ModTime").asText()).isEqualTo("2001-09-09T01:46:40Z");
            assertThat(json.path("IsDir").asBoolean(true)).isFalse();
            assertThat(json.path("LinkTarget").asText()).isEqualTo("/data/file");
            assertThat(root.ctr("stat", "-f", "{{.LinkTarget}} {{.IsDir}}", "c", "/volume/.."))
                    .isEqualTo("/ true");
            assertThat(root.run("stat", "c:/dangling").failedWith(125))
                    .isEqualTo("Error: \"/dangling\" could not be found on container c: no such file or directory");
            assertThat(container.stat("/tmp/x").size()).isEqualTo(1);
            FileStat running = container.stat("/volume/file");
            assertThat(running.mode()).isEqualTo(FILE | 04750);
            FileStat sticky = container.stat("app");
            assertThat(sticky.mode()).isEqualTo(DIRECTORY | 01777);
            assertThat(sticky.goMode()).isEqualTo(1L << 31 | 1L << 20 | 0777);
            container.stop(Optional.of(Duration.ZERO));
            assertThat(container.stat("/volume/file")).isEqualTo(running);
            assertThatThrownBy(() -> container.stat("/tmp/x")).hasMessageContaining("could not be found");
            assertThatThrownBy(() -> container.stat("/a\0b")).hasMessageContaining("NUL");
        }
    }
}

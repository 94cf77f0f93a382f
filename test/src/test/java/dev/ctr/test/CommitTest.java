package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** {@code ctr commit}. */
@ResourceLock("host network")
class CommitTest {
    private static final String CHANGES =
            "echo new > /etc/new; echo changed > /etc/motd; rm /etc/group; rm -r /app; mkdir /app;"
                    + " echo again > /app/again; rm -r /var; echo file > /var; echo v > /data/in-volume; ln /etc/new /hard";

    /** Prints what the changes lead to, the same in every container that has them. */
    private static final String LOOK =
            "cat /etc/new /etc/motd /app/again /var; ls /etc/group /app/conf /data 2>/dev/null;"
                    + " stat -c %h /hard; echo end";

    private static final String SEEN = "new\nchanged\nagain\nfile\n/data:\n2\nend";

    private final CtrRoot root = CtrRoot.create();

    @BeforeEach
    void importImage() {
        root.withBusybox();
    }

    @AfterEach
    void close() {
        root.close();
    }

    @Test
    void anImageOfAContainerHasItsChangesAndRunsHereAndInPodman() throws IOException {
        root.ctr("run", "--name", "c", "--network", "none", "-v", "v:/data", "-e", "KEPT=1", "bb", "sh", "-c", CHANGES);
        Path idFile = root.directory().resolve("id");
        String id = root.ctr(
                "commit",
                "-q",
                "-a",
                "me",
                "-c",
                "ENV ADDED=a b",
                "-c",
                "CMD [\"sh\", \"-c\", \"echo $KEPT $ADDED; " + LOOK + "\"]",
                "-c",
                "LABEL l=x",
                "-c",
                "EXPOSE 80",
                "-c",
                "WORKDIR /app",
                "-c",
                "VOLUME /vol",
                "-c",
                "STOPSIGNAL INT",
                "--iidfile",
                idFile.toString(),
                "c",
                "local/made:1");
        assertThat(idFile).hasContent(id);
        assertThat(root.ctr("run", "--rm", "--network", "none", "local/made:1")).isEqualTo("1 a b\n" + SEEN);
        JsonNode image = JsonOutput.of(root.ctr("image", "inspect", id)).get(0);
        assertThat(image.at("/Config/WorkingDir").asText()).isEqualTo("/app");
        assertThat(image.at("/Config/Labels/l").asText()).isEqualTo("x");
        assertThat(image.at("/Config/ExposedPorts").has("80/tcp")).isTrue();
        assertThat(image.at("/Author").asText()).isEqualTo("me");
        assertThat(image.at("/RootFS/Layers")).hasSize(2);
        assertThat(image.at("/History").get(1).path("comment").asText()).isEqualTo("FROM localhost/bb:latest");

        String squashed = root.ctr("commit", "--squash", "c", "flat");
        assertThat(JsonOutput.of(root.ctr("image", "inspect", squashed)).get(0).at("/RootFS/Layers"))
                .hasSize(1);
        assertThat(root.ctr("run", "--rm", "--network", "none", "flat", "sh", "-c", LOOK))
                .isEqualTo(SEEN);
        root.ctr("commit", "-f", "docker", "-m", "why", "-c", "ONBUILD RUN x", "c", "docker");
        try (Podman podman = Podman.assumeUsable()) {
            for (String name : List.of("local/made:1", "flat", "docker")) {
                for (String format : List.of("docker-archive", "oci-archive")) {
                    Path archive = root.directory().resolve(name.replaceAll("[/:]", "-") + "." + format);
                    root.ctr("save", "--format", format, "-o", archive.toString(), name);
                    podman.podman("load", "-q", "-i", archive.toString());
                    assertThat(podman.podman("run", "--rm", "--network", "none", name, "sh", "-c", LOOK))
                            .as("%s in %s", name, format)
                            .isEqualTo(SEEN);
                }
            }
            assertThat(podman.podman("image", "inspect", "-f", "{{.Config.Env}}", "local/made:1"))
                    .contains("KEPT=1", "ADDED=a b");
        }
    }

    @Test
    void whatPodmanRefusesIsRefusedInItsWords() throws IOException {
        root.ctr("create", "--name", "c", "--network", "none", "bb", "true");
        assertThat(root.run("commit", "-m", "x", "c").failedWith(125))
                .isEqualTo("Error: messages are only compatible with the docker image format (-f docker)");
        assertThat(root.run("commit", "-f", "bad", "c").failedWith(125))
                .isEqualTo("Error: unrecognized image format \"bad\"");
        assertThat(root.run("commit", "-c", "FROM x", "c").failedWith(125)).contains("invalid instruction FROM");
        assertThat(root.run("commit", "c", "Upper").failedWith(125)).contains("must be lower");
        Path rootfs = Busybox.layOut(root.directory().resolve("rootfs"));
        root.ctr("create", "--name", "plain", "--network", "none", "--rootfs", rootfs.toString(), "true");
        assertThat(root.run("commit", "plain").failedWith(125))
                .isEqualTo("Error: cannot commit a container that uses an exploded rootfs");
        assertThat(root.ctr("images", "-q").lines()).hasSize(1);
    }

    @Test
    void aContainerPausedForACommitGoesOnAlthoughTheCommitIsKilled() throws Exception {
        root.ctr(
                "run",
                "-d",
                "--name",
                "c",
                "--network",
                "none",
                "bb",
                "sh",
                "-c",
                "dd if=/dev/urandom of=/big bs=1M count=400 2>/dev/null; while true; do date +%s%N > /now; sleep 0.05; done");
        Container container = root.engine().container("c");
        await().atMost(java.time.Duration.ofSeconds(60))
                .until(() -> Inside.sh(container, "cat /now 2>/dev/null; true"), now -> !now.isEmpty());
        Process commit = Commands.start(
                Map.of(),
                root.command("commit", "--pause", "c", "never"),
                root.directory().resolve("out"),
                root.directory().resolve("err"));
        await().pollInterval(java.time.Duration.ofMillis(5)).until(this::layerGrows);
        commit.destroyForcibly().waitFor();
        Path now = Path.of("/proc", Long.toString(container.state().pid()), "root/now");
        String before = Files.readString(now);
        Thread.sleep(200);
        assertThat(Files.readString(now))
                .as("it was paused when the commit was killed")
                .isEqualTo(before);

        container.sync();
        assertThat(container.state().status()).isEqualTo(ContainerStatus.RUNNING);
        await().until(() -> !Files.readString(now).equals(before));
        assertThat(root.ctr("images", "-q").lines()).hasSize(1);
        root.ctr("commit", "--pause", "c", "whole");
        assertThat(container.state().status()).isEqualTo(ContainerStatus.RUNNING);
        try (Stream<Path> scratch = Files.list(root.root().resolve("scratch"))) {
            assertThat(scratch).isEmpty();
        }
    }

    private boolean layerGrows() throws IOException {
        Path scratch = root.root().resolve("scratch");
        if (!Files.isDirectory(scratch)) {
            return false;
        }
        try (Stream<Path> files = Files.walk(scratch)) {
            return files.anyMatch(file -> file.getFileName().toString().startsWith("partial-")
                    && file.toFile().length() > 1 << 20);
        } catch (java.io.UncheckedIOException goneMeanwhile) {
            return false;
        }
    }
}

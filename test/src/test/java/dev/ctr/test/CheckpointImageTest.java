package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.archive.Compression;
import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.RestoreOptions;
import dev.ctr.lifecycle.image.Image;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Checkpoints as images: made, told from others, moved, and restored from. */
@ResourceLock("host network")
final class CheckpointImageTest {
    private static final String PODMAN = "io.podman.annotations.checkpoint.";
    private static final String COMMON = "org.criu.checkpoint.";

    private static CtrRoot root;
    private static Engine engine;

    @BeforeAll
    static void importBusybox() {
        root = CtrRoot.create().withBusybox();
        engine = root.engine();
    }

    @AfterEach
    void removeContainersAndImages() {
        engine.containers().forEach(container -> container.remove(true, true));
        for (Image image : engine.images().list()) {
            if (engine.isCheckpoint(image)) {
                engine.images().remove(image.id().hex(), true, id -> false);
            }
        }
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    private static Container counter(String name) {
        return started(CreateOptions.fromImage("bb").network("none"), name);
    }

    private static Container started(CreateOptions options, String name) {
        Container container = engine.create(options.name(name)
                .stopTimeout(Duration.ZERO)
                .command(List.of(
                        "sh",
                        "-c",
                        "rm /etc/motd; echo " + name + " > /who; i=0; while :; do echo tick $i; i=$((i+1));"
                                + " sleep 0.05; done")));
        container.start();
        await().until(() -> logSize(container) > 0);
        return container;
    }

    private static long logSize(Container container) {
        return root.root()
                .resolve("containers/" + container.id().hex() + "/bundle/ctr.log")
                .toFile()
                .length();
    }

    private static void assertGoesOn(String name, String who) {
        Container container = engine.container(name);
        assertThat(container.state().restored()).isTrue();
        assertThat(Inside.sh(container, "cat /who; test -e /etc/motd || echo gone"))
                .isEqualTo(who + "\ngone");
        long size = logSize(container);
        await().until(() -> logSize(container) > size);
    }

    private static CheckpointOptions image(String name) {
        return new CheckpointOptions().createImage(name);
    }

    private static Image find(String name) {
        return engine.images().find(name).orElseThrow();
    }

    @Test
    @Upstream(38)
    @DisplayName("upstream 38: no image of a container that is not there")
    void aContainerMustBeThere() {
        assertThat(root.run("checkpoint", "--create-image", "ckpt", "bogus").failedWith(125))
                .isEqualTo("Error: no container with name or ID \"bogus\" found: no such container");
        assertThat(engine.images().find("ckpt")).isEmpty();
        assertThat(root.run("restore", "bogus").failedWith(125)).isEqualTo("Error: no such container or image: bogus");
        assertThat(root.run("restore", "bb").failedWith(125))
                .isEqualTo(
                        "Error: image is not a checkpoint: " + find("bb").id().hex());
        assertThat(root.run("restore", "--pod", "p", "bogus").failedWith(125))
                .isEqualTo("Error: --pod can only be used with image or --import");
        Container one = counter("one");
        assertThatThrownBy(() -> one.checkpoint(image("Not a name"))).isInstanceOf(EngineException.class);
        assertThat(one.state().status()).isEqualTo(ContainerStatus.RUNNING);
    }

    @Test
    @Upstream(39)
    @DisplayName("upstream 39: an image of a running container, with its annotations, and the container from it")
    void anImageSaysWhatItIsAndIsRestored() {
        // The default network has another subnet where the host has the usual one already.
        String address = JsonOutput.of(root.ctr("network", "inspect", "podman"))
                .at("/0/subnets/0/gateway")
                .asText()
                .replaceAll("\\.[0-9]+$", ".117");
        Container one = started(CreateOptions.fromImage("bb").network("bridge").ip(address), "one");
        String id = one.id().hex();
        assertThat(engine.images().find("alpine-checkpoint")).isEmpty();
        assertThat(root.ctr("checkpoint", "--create-image", "alpine-checkpoint", "--keep", "one"))
                .isEqualTo("one");
        JsonNode image =
                JsonOutput.of(root.ctr("image", "inspect", "alpine-checkpoint")).get(0);
        JsonNode annotations = image.path("Annotations");
        assertThat(JsonOutput.keys(annotations))
                .contains(
                        PODMAN + "name",
                        PODMAN + "runtime.name",
                        PODMAN + "runtime.version",
                        PODMAN + "rawImageName",
                        PODMAN + "rootfsImageID",
                        PODMAN + "rootfsImageName",
                        PODMAN + "conmon.version",
                        PODMAN + "criu.version",
                        PODMAN + "cgroups.version",
                        PODMAN + "host.arch",
                        PODMAN + "host.kernel",
                        PODMAN + "distribution.name",
                        PODMAN + "distribution.version",
                        COMMON + "container.name",
                        COMMON + "engine.version",
                        COMMON + "runtime.name",
                        COMMON + "rootfsImageUserRequested",
                        COMMON + "cgroup.version");
        assertThat(annotations.path(PODMAN + "name").asText()).isEqualTo("one");
        assertThat(annotations.path(COMMON + "engine.name").asText()).isEqualTo("ctr");
        assertThat(annotations.path(PODMAN + "runtime.name").asText()).isEqualTo("runc");
        assertThat(annotations.path(PODMAN + "rootfsImageID").asText())
                .isEqualTo(find("bb").id().hex());
        assertThat(image.at("/RootFS/Layers")).hasSize(1);
        assertThat(image.path("Config")).isEmpty();

        one.remove(false, false);
        assertThat(root.ctr("restore", "alpine-checkpoint")).isEqualTo(id);
        assertGoesOn("one", "one");
        assertThat(Inside.sh(engine.container("one"), "ip -4 addr show eth0")).contains(" " + address + "/");
        assertThat(root.run("restore", "alpine-checkpoint").failedWith(125))
                .contains("the container name \"one\" is already in use by " + id);
    }

    @Test
    @Upstream(40)
    @DisplayName("upstream 40: four containers with --name from one image")
    void oneImageGivesManyContainers() {
        counter("one").checkpoint(image("many").leaveRunning(true));
        for (int number = 1; number <= 3; number++) {
            engine.restore(find("many"), new RestoreOptions().name("clone" + number));
        }
        root.ctr("restore", "--name", "clone4", "many");
        for (int number = 1; number <= 4; number++) {
            assertGoesOn("clone" + number, "one");
        }
        assertThat(engine.containers())
                .extracting(Container::id)
                .doesNotHaveDuplicates()
                .hasSize(5);
    }

    @Test
    @Upstream(41)
    @DisplayName("upstream 41: two images in one command, and a container whose name is also an image's")
    void imagesAndContainersAreRestoredTogether() {
        Container one = counter("one");
        one.checkpoint(image("first"));
        Container two = counter("two");
        two.checkpoint(image("second"));
        String[] ids = {one.id().hex(), two.id().hex()};
        assertThat(root.run("restore", "--name", "x", "first", "second").failedWith(125))
                .isEqualTo("Error: --name can only be used with one checkpoint image");
        one.remove(false, false);
        two.remove(false, false);
        assertThat(root.ctr("restore", "first", "second").lines()).containsExactly(ids);
        assertGoesOn("one", "one");
        assertGoesOn("two", "two");

        // The name of a container goes before that of an image.
        Container bb = counter("bb");
        bb.checkpoint(new CheckpointOptions());
        engine.container("one").remove(true, false);
        assertThat(root.ctr("restore", "bb", "first").lines()).containsExactly("bb", ids[0]);
        assertGoesOn("bb", "bb");
        assertGoesOn("one", "one");
    }

    @Test
    @Upstream(42)
    @DisplayName("upstream 42: run of a checkpoint image restores, under the old name or another")
    void runRestores() {
        Container one = counter("one");
        String id = one.id().hex();
        one.checkpoint(image("ckpt"));
        assertThat(root.run("run", "ckpt", "echo").failedWith(125)).contains("leave the command out");
        one.remove(false, false);
        assertThat(root.ctr("run", "ckpt")).isEqualTo(id);
        assertGoesOn("one", "one");
        root.ctr("run", "-d", "--name", "other", "ckpt");
        assertGoesOn("other", "one");
    }

    @Test
    @DisplayName("an archive and an image in one go, in any compression; a name goes over to the newest")
    void theImageHoldsWhatTheArchiveHolds() throws IOException {
        Container one = counter("one");
        Path archive = root.directory().resolve("one.tar.gz");
        one.checkpoint(image("both").leaveRunning(true).exportTo(archive).compression(Compression.GZIP));
        Image first = find("both");
        Path layer = root.root()
                .resolve("images/blobs/sha256/"
                        + JsonOutput.of(manifest(first))
                                .at("/layers/0/digest")
                                .asText()
                                .substring("sha256:".length()));
        assertThat(inflated(layer)).isEqualTo(inflated(archive));
        one.checkpoint(image("both").compression(Compression.NONE).ignoreRootfs(true));
        Image second = find("both");
        assertThat(second.id()).isNotEqualTo(first.id());
        assertThat(engine.images().find(first.id().hex()).orElseThrow().names()).isEmpty();
        one.remove(false, false);
        Container withoutChanges = engine.container(
                engine.restore(second, new RestoreOptions()).id().hex());
        assertThat(Inside.sh(withoutChanges, "cat /etc/motd; ls / | grep who || true"))
                .isEqualTo("welcome");
        assertThat(root.root().resolve("scratch")).isEmptyDirectory();
    }

    private static byte[] inflated(Path file) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            return in.readAllBytes();
        }
    }

    private static String manifest(Image image) throws IOException {
        return Files.readString(
                root.root().resolve("images/blobs/sha256/" + image.digest().hex()));
    }

    @Test
    @DisplayName("a damaged or lying image is found before anything is made")
    void aDamagedImageIsRefused() throws IOException {
        Container one = counter("one");
        one.checkpoint(image("hurt").compression(Compression.NONE));
        one.remove(false, false);
        Image image = find("hurt");
        String digest =
                JsonOutput.of(manifest(image)).at("/layers/0/digest").asText().substring("sha256:".length());
        Path layer = root.root().resolve("images/blobs/sha256/" + digest);
        byte[] content = Files.readAllBytes(layer);
        content[indexOf(content, "rm /etc/motd")] ^= 1;
        Files.write(layer, content);
        assertThatThrownBy(() -> engine.restore(image, new RestoreOptions()))
                .isInstanceOfSatisfying(
                        EngineException.class, e -> assertThat(e.code()).isEqualTo(EngineException.Code.BAD_ARCHIVE))
                .hasMessageContaining("does not have the digest");
        assertThat(engine.containers()).isEmpty();
        assertThat(root.leftovers()).isEmpty();
        assertThat(root.root().resolve("scratch")).isEmptyDirectory();
    }

    private static int indexOf(byte[] content, String text) {
        return new String(content, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf(text);
    }

    @Test
    @DisplayName("to a registry and back under another root, where the container goes on")
    void anImageGoesThroughARegistry() {
        Container one = counter("one");
        String id = one.id().hex();
        one.checkpoint(image("moving"));
        one.remove(false, false);
        Path saved = root.directory().resolve("bb.tar");
        try (Registry registry = Registry.open();
                CtrRoot other = CtrRoot.create()) {
            String name = registry.address() + "/team/moving:v1";
            root.ctr("push", "-q", "--tls-verify=false", "moving", name);
            root.ctr("rmi", "moving");
            root.ctr("save", "--format", "oci-archive", "-o", saved.toString(), "bb");
            other.ctr("load", "-q", "-i", saved.toString());
            assertThat(other.ctr("run", "-q", "--tls-verify=false", name)).isEqualTo(id);
            Engine there = other.engine();
            Container restored = there.container("one");
            assertThat(Inside.sh(restored, "cat /who")).isEqualTo("one");
            assertThat(restored.state().restored()).isTrue();
            assertThat(there.isCheckpoint(there.images().find(name).orElseThrow()))
                    .isTrue();
        }
    }

    @Test
    @DisplayName("between podman and ctr, both ways")
    void podmanAndCtrRestoreEachOthersImages() throws IOException {
        try (Podman podman = Podman.assumeUsable()) {
            Path image = root.directory().resolve("podman-bb.tar");
            podman.podman("save", "-q", "-o", image.toString(), "bb");
            try (CtrRoot other = CtrRoot.create()) {
                other.ctr("load", "-q", "-i", image.toString());
                podman.podman(
                        "run",
                        "-d",
                        "--name",
                        "theirs",
                        "--network",
                        "none",
                        "bb",
                        "sh",
                        "-c",
                        "echo theirs > /who; while :; do sleep 0.05; done");
                await().until(() -> podman.run("exec", "theirs", "cat", "/who").exitCode() == 0);
                podman.podman("container", "checkpoint", "--create-image", "theirs-checkpoint", "theirs");
                Path theirs = other.directory().resolve("theirs");
                podman.podman("save", "-q", "--format", "oci-archive", "-o", theirs.toString(), "theirs-checkpoint");
                other.ctr("load", "-q", "-i", theirs.toString());
                other.ctr("restore", "theirs-checkpoint");
                Engine there = other.engine();
                Container restored = there.container("theirs");
                assertThat(Inside.sh(restored, "cat /who")).isEqualTo("theirs");

                restored.checkpoint(image("ours"));
                Path ours = other.directory().resolve("ours");
                other.ctr("save", "--format", "oci-archive", "-o", ours.toString(), "ours");
                podman.podman("load", "-q", "-i", ours.toString());
                podman.podman("rm", "theirs");
                podman.podman("container", "restore", "ours");
                assertThat(podman.podman("exec", "theirs", "cat", "/who")).isEqualTo("theirs");
                podman.podman("rm", "-f", "-t", "0", "theirs");
            }
        }
    }
}

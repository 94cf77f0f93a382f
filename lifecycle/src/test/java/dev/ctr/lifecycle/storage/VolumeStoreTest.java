package dev.ctr.lifecycle.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.linux.FileNodes;
import dev.ctr.criu.linux.Mounts;
import dev.ctr.criu.linux.Xattrs;
import dev.ctr.lifecycle.EngineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VolumeStoreTest {
    @TempDir
    Path directory;

    private Path root;
    private VolumeStore store;

    @BeforeEach
    void setUp() {
        root = directory.resolve("ctr");
        store = new VolumeStore(root);
    }

    @Test
    void aNewStoreIsEmptyAndMakesNothing() {
        assertThat(store.list()).isEmpty();
        assertThat(store.find("data")).isEmpty();
        assertThat(root).doesNotExist();
    }

    @Test
    void aVolumeIsFoundAsItWasMade() {
        Volume made = store.create("data", Map.of("l", "v"), Map.of("o", "gid=0"), false);
        assertThat(made.directory()).isEmptyDirectory();
        assertThat(new VolumeStore(root).find("data")).contains(made);
        assertThat(store.list()).containsExactly(made);
        ObjectNode inspected = made.inspect();
        assertThat(inspected.path("Name").asText()).isEqualTo("data");
        assertThat(inspected.path("Driver").asText()).isEqualTo("local");
        assertThat(inspected.path("Mountpoint").asText())
                .isEqualTo(made.directory().toString());
        assertThat(inspected.path("Labels").path("l").asText()).isEqualTo("v");
        assertThat(inspected.path("Options").path("o").asText()).isEqualTo("gid=0");
        assertThat(inspected.has("Anonymous")).isFalse();
    }

    @Test
    void aVolumeWithoutANameGetsALongOneAndAnAnonymousOneSaysSo() {
        assertThat(store.createUnnamed(Map.of(), Map.of()).name()).matches("[0-9a-f]{64}");
        Volume volume = store.create("anonymous", true);
        assertThat(volume.inspect().path("Anonymous").asBoolean()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "../x", "a/b", "-a", ".a", "a b", "a\n", "ä"})
    void aBadNameIsRefusedAsPodmanDoes(String name) {
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> store.create(name, false))
                .withMessage(
                        "running volume create option: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument");
        assertThat(store.find(name)).isEmpty();
        store.removeIfPresent(name);
    }

    @Test
    void ofManyWhoCreateTheSameVolumeOneSucceeds() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        int succeeded = 0;
        try {
            List<Callable<Boolean>> calls = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                calls.add(() -> {
                    try {
                        new VolumeStore(root).create("data", false);
                        return true;
                    } catch (EngineException e) {
                        assertThat(e.code()).isEqualTo(EngineException.Code.ALREADY_EXISTS);
                        return false;
                    }
                });
            }
            for (Future<Boolean> call : threads.invokeAll(calls)) {
                succeeded += call.get() ? 1 : 0;
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(succeeded).isEqualTo(1);
    }

    @Test
    void aVolumeInUseStays() {
        store.create("data", false);
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> store.remove("data", name -> List.of("0123")))
                .satisfies(e -> assertThat(e.code()).isEqualTo(EngineException.Code.IN_USE));
        assertThat(store.find("data")).isPresent();
    }

    @Test
    void removalTakesTheContentAlongAndLeftoversOfTheDead() throws IOException {
        Volume volume = store.create("data", false);
        Files.writeString(Files.createDirectory(volume.directory().resolve("d")).resolve("f"), "x");
        Files.createDirectories(root.resolve("volumes/.unfinished-dead/_data"));
        store.remove("data", name -> List.of());
        assertThat(store.list()).isEmpty();
        try (Stream<Path> left = Files.list(root.resolve("volumes"))) {
            assertThat(left).extracting(path -> path.getFileName().toString()).containsExactly(".lock");
        }
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> store.remove("data", name -> List.of()))
                .withMessage("no volume with name \"data\" found: no such volume");
    }

    @Test
    void aVolumeInWhichSomethingIsMountedIsNotRemoved() throws IOException {
        assumeRoot();
        Volume volume = store.create("data", false);
        Path source = Files.createDirectory(directory.resolve("source"));
        Files.writeString(source.resolve("precious"), "x");
        Path point = Files.createDirectory(volume.directory().resolve("point"));
        Mounts.bind(source, point);
        try {
            assertThatExceptionOfType(EngineException.class)
                    .isThrownBy(() -> store.removeIfPresent("data"))
                    .withMessageContaining("something is mounted in it");
        } finally {
            Mounts.unmount(point);
        }
        assertThat(source.resolve("precious")).exists();
        assertThat(store.find("data")).isPresent();
    }

    @Test
    void theFirstMountTakesOverWhatTheImageHas() throws IOException {
        assumeRoot();
        Path source = Files.createDirectories(directory.resolve("rootfs/data"));
        Files.createDirectory(source.resolve("sub"));
        Files.writeString(source.resolve("file"), "content");
        Files.createSymbolicLink(source.resolve("link"), Path.of("sub/missing"));
        Files.createLink(source.resolve("hard"), source.resolve("file"));
        FileNodes.mkfifo(source.resolve("fifo"), 0600);
        FileNodes.lchown(source.resolve("file"), 12, 34);
        FileNodes.chmod(source.resolve("file"), 04711);
        FileNodes.chmod(source, 01770);
        FileNodes.lchown(source, 56, 78);
        Xattrs.set(source.resolve("file"), "user.k", "v".getBytes(StandardCharsets.UTF_8));

        Volume volume = store.create("data", false);
        store.copyUp(source, volume);

        Path copy = volume.directory();
        assertThat(copy.resolve("file")).hasContent("content");
        assertThat(copy.resolve("sub")).isEmptyDirectory();
        assertThat(Files.readSymbolicLink(copy.resolve("link"))).hasToString("sub/missing");
        assertThat(attributes(copy.resolve("file"))).isEqualTo(attributes(source.resolve("file")));
        assertThat(attributes(copy)).isEqualTo(attributes(source));
        assertThat(Files.getAttribute(copy.resolve("hard"), "unix:ino"))
                .isEqualTo(Files.getAttribute(copy.resolve("file"), "unix:ino"));
        assertThat(Xattrs.get(copy.resolve("file"), "user.k")).isPresent();
    }

    @Test
    void onlyTheFirstMountTakesOver() throws IOException {
        Path source = Files.createDirectories(directory.resolve("rootfs/data"));
        Volume volume = store.create("data", false);
        assertThat(volume.needsCopyUp()).isTrue();
        store.copyUp(directory.resolve("rootfs/nothing"), volume);
        Files.writeString(source.resolve("file"), "content");
        store.copyUp(source, volume);
        assertThat(volume.directory()).isEmptyDirectory();
        assertThat(store.find("data"))
                .get()
                .satisfies(now -> assertThat(now.needsCopyUp()).isFalse());
    }

    @Test
    void aVolumeWithContentKeepsIt() throws IOException {
        Path source = Files.createDirectories(directory.resolve("rootfs/data"));
        Files.writeString(source.resolve("theirs"), "x");
        Volume volume = store.create("data", false);
        Files.writeString(volume.directory().resolve("ours"), "y");
        store.copyUp(source, volume);
        assertThat(volume.directory().resolve("theirs")).doesNotExist();
        assertThat(volume.directory().resolve("ours")).hasContent("y");
    }

    private static Map<String, Object> attributes(Path file) throws IOException {
        return Files.readAttributes(file, "unix:uid,gid,mode,lastModifiedTime,nlink");
    }

    private static void assumeRoot() {
        assumeTrue("root".equals(System.getProperty("user.name")), "owners and mounts need root");
    }
}

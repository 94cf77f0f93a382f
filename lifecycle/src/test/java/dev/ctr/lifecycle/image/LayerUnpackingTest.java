package dev.ctr.lifecycle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.criu.linux.Xattrs;
import dev.ctr.lifecycle.EngineException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers become directories that overlayfs takes. */
final class LayerUnpackingTest {
    private static final String THIS = Platform.architecture();

    @TempDir
    Path directory;

    private Path root;
    private ImageStore store;

    @BeforeEach
    void setUp() {
        Peers.assumeRoot();
        root = directory.resolve("ctr");
        store = new ImageStore(root);
    }

    @Test
    void aRootFileSystemIsUnpackedAsItWas() throws IOException {
        byte[] busybox = "#!program".getBytes(StandardCharsets.US_ASCII);
        byte[] tar = new RootfsTar()
                .directory("bin", 0755)
                .file("bin/busybox", 04755, busybox, Map.of("user.comment", "ours"))
                .link("bin/sh", (byte) '2', "busybox")
                .link("bin/hard", (byte) '1', "bin/busybox")
                .directory("dev", 0755)
                .characterDevice("dev/null", 1, 3)
                .directory("tmp", 01777)
                .finish();
        List<Path> layers = store.layers(store.importTar(new ByteArrayInputStream(tar), ImportOptions.named("bb")));
        assertThat(layers).hasSize(1);
        Path top = layers.get(0);
        assertThat(top)
                .isEqualTo(root.toRealPath()
                        .resolve("layers")
                        .resolve(Digest.of(tar).hex())
                        .resolve("diff"));
        assertThat(top.resolve("bin/busybox")).hasBinaryContent(busybox);
        assertThat(mode(top.resolve("bin/busybox"))).isEqualTo(04755);
        assertThat(mode(top.resolve("tmp"))).isEqualTo(01777);
        assertThat(mode(top)).isEqualTo(0555);
        assertThat(Files.readSymbolicLink(top.resolve("bin/sh"))).hasToString("busybox");
        assertThat(Files.getAttribute(top.resolve("bin/hard"), "unix:ino"))
                .isEqualTo(Files.getAttribute(top.resolve("bin/busybox"), "unix:ino"));
        assertThat(Xattrs.get(top.resolve("bin/busybox"), "user.comment"))
                .hasValueSatisfying(value -> assertThat(value).asString().isEqualTo("ours"));
        assertThat(Files.getAttribute(top.resolve("dev/null"), "unix:rdev")).isEqualTo(0x103L);
    }

    @Test
    void aProgramRunsInTheUnpackedRootFileSystem() throws IOException {
        Path busybox = Path.of("/bin/busybox");
        assumeTrue(Files.isExecutable(busybox), "busybox-static is not installed");
        byte[] tar = new RootfsTar()
                .directory("bin", 0755)
                .file("bin/busybox", 0755, Files.readAllBytes(busybox))
                .link("bin/echo", (byte) '2', "busybox")
                .finish();
        Image image = store.importTar(new ByteArrayInputStream(tar), ImportOptions.named("bb"));
        String layer = store.layers(image).get(0).toString();
        assertThat(Peers.run(List.of("chroot", layer, "/bin/echo", "it runs"))).isEqualTo("it runs");
    }

    @Test
    void deletionsBecomeOverlayWhiteoutsAndTheTopLayerComesFirst() throws IOException {
        Path layout = new LayoutFixture(directory.resolve("layout"))
                .layer(new RootfsTar()
                        .file("gone", "x")
                        .directory("d", 0755)
                        .file("d/old", "x")
                        .finish())
                .layer(new RootfsTar()
                        .file(".wh.gone", "")
                        .directory("d", 0755)
                        .file("d/.wh..wh..opq", "")
                        .file("d/new", "y")
                        .finish())
                .image("bb", THIS)
                .finish();
        List<Path> layers = store.layers(store.load(layout).get(0));
        assertThat(layers).hasSize(2);
        Path top = layers.get(0);
        assertThat(Files.getAttribute(top.resolve("gone"), "unix:rdev", LinkOption.NOFOLLOW_LINKS))
                .isEqualTo(0L);
        assertThat(Xattrs.get(top.resolve("d"), "trusted.overlay.opaque")).isPresent();
        assertThat(top.resolve("d/new")).hasContent("y");
        assertThat(layers.get(1).resolve("d/old")).hasContent("x");
    }

    @Test
    void aLayerThatOccursTwiceIsMountedOnce() {
        byte[] one = new RootfsTar().file("f", "1").finish();
        byte[] two = new RootfsTar().file("f", "2").finish();
        Path layout = new LayoutFixture(directory.resolve("layout"))
                .layer(one)
                .layer(two)
                .layer(one)
                .image("bb", THIS)
                .finish();
        List<Path> layers = store.layers(store.load(layout).get(0));
        assertThat(layers).hasSize(2);
        assertThat(layers.get(0).resolve("f")).hasContent("1");
        assertThat(layers.get(1).resolve("f")).hasContent("2");
    }

    @Test
    void plainAndZstdLayersAreUnpackedWhateverTheirTypeSays() {
        byte[] tar = new RootfsTar().file("f", "1").finish();
        Path layout = new LayoutFixture(directory.resolve("layout"))
                .layer(tar, Digest.of(tar).toString())
                .image("bb", THIS)
                .finish();
        assertThat(store.layers(store.load(layout).get(0)).get(0).resolve("f")).hasContent("1");
    }

    @Test
    void aLayerWithoutAnEndMarkIsUnpacked() {
        byte[] tar = new RootfsTar().file("f", "1").finish();
        byte[] cut = Arrays.copyOf(tar, 1024);
        Path layout = new LayoutFixture(directory.resolve("layout"))
                .layer(cut)
                .image("bb", THIS)
                .finish();
        assertThat(store.layers(store.load(layout).get(0)).get(0).resolve("f")).hasContent("1");
    }

    @Test
    void aLayerThatEndsInTheMiddleIsRefused() {
        byte[] tar = new RootfsTar().file("f", 0644, new byte[5_000]).finish();
        Path layout = new LayoutFixture(directory.resolve("layout"))
                .layer(Arrays.copyOf(tar, 2_048))
                .image("bb", THIS)
                .finish();
        Image image = store.load(layout).get(0);
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> store.layers(image))
                .satisfies(e -> assertThat(e.code()).isEqualTo(EngineException.Code.BAD_ARCHIVE));
    }

    @Test
    void whatAKilledProcessLeftIsNotUsedAndGoes() throws IOException {
        Image image = store.importTar(
                new ByteArrayInputStream(new RootfsTar().file("f", "whole").finish()), ImportOptions.named("bb"));
        Path scratch = root.resolve("scratch");
        Path half = Files.createDirectories(scratch.resolve("dead/layer/diff"));
        Files.writeString(half.resolve("f"), "half");
        Files.createFile(scratch.resolve("dead.lock"));
        assertThat(store.layers(image).get(0).resolve("f")).hasContent("whole");
        try (Stream<Path> left = Files.list(scratch)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aBlobThatWasDamagedInTheStoreIsNotUnpacked() throws IOException {
        byte[] tar = new RootfsTar().file("f", 0644, new byte[10_000]).finish();
        Path layout = new LayoutFixture(directory.resolve("layout"))
                .layer(tar, Digest.of(tar).toString())
                .image("bb", THIS)
                .finish();
        Image image = store.load(layout).get(0);
        Path blob = root.resolve("images/blobs/sha256").resolve(Digest.of(tar).hex());
        byte[] damaged = tar.clone();
        damaged[5_000] ^= 1;
        Files.write(blob, damaged);
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> store.layers(image))
                .satisfies(e -> assertThat(e.code()).isEqualTo(EngineException.Code.BAD_ARCHIVE));
        try (Stream<Path> layers = Files.list(root.resolve("layers"))) {
            assertThat(layers.filter(Files::isDirectory)).isEmpty();
        }
    }

    @Test
    void layersGoWithTheirLastImage() throws IOException {
        byte[] tar = new RootfsTar().file("f", "1").finish();
        Image one = store.importTar(new ByteArrayInputStream(tar), new ImportOptions("one", List.of("ENV N=1"), ""));
        store.importTar(new ByteArrayInputStream(tar), new ImportOptions("two", List.of("ENV N=2"), ""));
        Path layer = store.layers(one).get(0);
        store.remove("one", false, id -> false);
        assertThat(layer).exists();
        store.remove("two", false, id -> false);
        assertThat(layer).doesNotExist();
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> store.layers(one))
                .satisfies(e -> assertThat(e.code()).isEqualTo(EngineException.Code.NO_SUCH_IMAGE));
    }

    private static int mode(Path file) throws IOException {
        return (int) Files.getAttribute(file, "unix:mode") & 07777;
    }
}

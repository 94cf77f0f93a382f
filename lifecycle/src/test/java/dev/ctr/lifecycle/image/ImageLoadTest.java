package dev.ctr.lifecycle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ctr.lifecycle.EngineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code load} makes of archives and layouts that a test wrote by hand, good and bad. */
final class ImageLoadTest {
    private static final String THIS = Platform.architecture();
    private static final byte[] TAR = new RootfsTar().file("f", "content").finish();

    @TempDir
    Path directory;

    private ImageStore store;
    private LayoutFixture layout;

    @BeforeEach
    void setUp() {
        store = new ImageStore(directory.resolve("ctr"));
        layout = new LayoutFixture(directory.resolve("layout"));
    }

    @AfterEach
    void nothingIsLeftInScratch() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("ctr/scratch"))) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void aLayoutIsLoadedWithNamesAndAnnotations() {
        Path path = layout.layer(TAR).image("localhost/bb:v1", THIS).finish();
        assertThat(store.load(path)).singleElement().satisfies(image -> {
            assertThat(image.names()).containsExactly(ImageName.of("bb:v1"));
            assertThat(image.annotations()).containsEntry("k", "v");
            assertThat(image.diffIds()).containsExactly(Digest.of(TAR));
            assertThat(image.size()).isGreaterThan(TAR.length);
        });
    }

    @Test
    void ofSeveralPlatformsThisOneIsTaken() {
        Path path = layout.layer(new RootfsTar().file("f", "other").finish())
                .image("", "s390x")
                .layer(TAR)
                .image("", THIS)
                .finishAsOne("multi:v1");
        assertThat(store.load(path)).singleElement().satisfies(image -> {
            assertThat(image.config().architecture()).isEqualTo(THIS);
            assertThat(image.names()).containsExactly(ImageName.of("multi:v1"));
        });
    }

    @Test
    void anImageOnlyForOtherPlatformsIsNone() {
        Path path = layout.layer(TAR).image("", "s390x").finishAsOne("multi:v1");
        refused(path, EngineException.Code.NO_SUCH_IMAGE, "contains no image for linux/" + THIS);
    }

    @Test
    void aDockerArchiveMayHaveLinksForLayers() throws IOException {
        String config =
                "{\"architecture\":\"amd64\",\"rootfs\":{\"diff_ids\":[\"%1$s\",\"%1$s\"]}}".formatted(Digest.of(TAR));
        Path archive = dockerArchive(
                config,
                "[{\"Config\":\"c.json\",\"RepoTags\":[\"busybox:1\"],\"Layers\":[\"a/layer.tar\",\"b/layer.tar\"]}]");
        Image image = store.load(archive).get(0);
        assertThat(image.id().digest()).isEqualTo(Digest.of(config.getBytes(StandardCharsets.UTF_8)));
        assertThat(image.names()).extracting(ImageName::toString).containsExactly("docker.io/library/busybox:1");
        assertThat(image.diffIds()).containsExactly(Digest.of(TAR), Digest.of(TAR));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{\"Config\":\"c.json\",\"RepoTags\":null,\"Layers\":[\"../../../etc/passwd\"]}]",
                "[{\"Config\":\"/etc/hostname\",\"Layers\":[\"a/layer.tar\"]}]",
                "[{\"Config\":\"c.json\",\"Layers\":[\"a/layer.tar\"]}]",
                "[{\"Config\":\"c.json\",\"Layers\":\"a/layer.tar\"}]",
                "[{\"Config\":\"c.json\",\"RepoTags\":[7],\"Layers\":[]}]",
                "[{\"Layers\":[]}]",
                "[7]",
                "{}",
                "nonsense",
            })
    void aWrongDockerArchiveIsRefused(String list) throws IOException {
        String config = "{\"rootfs\":{\"diff_ids\":[\"%1$s\",\"%1$s\"]}}".formatted(Digest.of(TAR));
        refused(dockerArchive(config, list), EngineException.Code.BAD_ARCHIVE, "");
    }

    @Test
    void aRootFileSystemIsNoImageArchive() throws IOException {
        Path archive = Files.write(directory.resolve("rootfs.tar"), TAR);
        refused(archive, EngineException.Code.BAD_ARCHIVE, "a root file system is to be imported");
    }

    @Test
    void aDamagedBlobIsRefused() throws IOException {
        byte[] blob = LayoutFixture.gzip(TAR);
        Path path = layout.layer(TAR).image("bb", THIS).finish();
        blob[blob.length / 2] ^= 1;
        Files.write(layout.blobFile(Digest.of(LayoutFixture.gzip(TAR))), blob);
        refused(path, EngineException.Code.BAD_ARCHIVE, "is missing or its content is damaged");
    }

    static List<Arguments> wrongImages() {
        String other = Digest.of(new byte[1]).toString();
        byte[] packed = LayoutFixture.gzip(TAR);
        String diffId = Digest.of(TAR).toString();
        return List.of(
                Arguments.of("that the config names", (Wrong)
                        l -> l.layer(packed, other).image("bb", THIS)),
                Arguments.of("is not a SHA-256 digest", (Wrong)
                        l -> l.layer(packed, "sha512:00").image("bb", THIS)),
                Arguments.of("is not a SHA-256 digest", (Wrong)
                        l -> l.layer(packed, "sha256:../..").image("bb", THIS)),
                Arguments.of("unknown type", (Wrong)
                        l -> l.layerType("text/plain").layer(packed, diffId).image("bb", THIS)),
                Arguments.of("which is not a container image", (Wrong) l -> l.manifest(
                        "bb",
                        "{\"schemaVersion\":2,\"config\":" + l.descriptor("application/vnd.oci.empty.v1+json", "{}")
                                + ",\"layers\":[]}",
                        THIS)),
                Arguments.of("a descriptor is missing", (Wrong) l -> l.manifest("bb", "{\"schemaVersion\":2}", THIS)),
                Arguments.of("schema version", (Wrong) l -> l.manifest("bb", "{\"schemaVersion\":1}", THIS)),
                Arguments.of("not valid JSON", (Wrong) l -> l.manifest("bb", "{", THIS)),
                Arguments.of("not valid JSON", (Wrong) l -> l.manifest("bb", "[".repeat(100_000), THIS)),
                Arguments.of("is larger than", (Wrong) l -> l.manifest("bb", " ".repeat(5 << 20) + "{}", THIS)),
                Arguments.of("more than the 500", (Wrong) l -> {
                    for (int i = 0; i < 501; i++) {
                        l.layer(packed, diffId);
                    }
                    return l.image("bb", THIS);
                }));
    }

    @ParameterizedTest
    @MethodSource("wrongImages")
    void aWrongImageIsRefused(String why, Wrong wrong) {
        refused(wrong.make(layout).finish(), EngineException.Code.BAD_ARCHIVE, why);
    }

    @Test
    void aMissingFileIsNamed() {
        Path missing = directory.resolve("missing.tar");
        refused(missing, EngineException.Code.IO, missing + " does not exist");
    }

    interface Wrong {
        LayoutFixture make(LayoutFixture layout);
    }

    private Path dockerArchive(String config, String list) throws IOException {
        byte[] tar = new RootfsTar()
                .file("c.json", config)
                .file("a/layer.tar", 0644, TAR)
                .link("b/layer.tar", (byte) '2', "../a/layer.tar")
                .file("manifest.json", list)
                .finish();
        return Files.write(directory.resolve("archive.tar"), tar);
    }

    private void refused(Path path, EngineException.Code code, String why) {
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> store.load(path))
                .withMessageContaining(why)
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
        assertThat(store.list()).isEmpty();
    }
}

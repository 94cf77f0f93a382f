package dev.ctr.lifecycle.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Images go to podman and come from it, and keep their IDs. */
final class PodmanExchangeTest {
    @TempDir
    Path directory;

    private Peers peers;
    private ImageStore store;
    private Path tar;

    @BeforeEach
    void setUp() throws IOException {
        Peers.assumeInstalled("podman");
        peers = new Peers(directory);
        store = new ImageStore(directory.resolve("ctr"));
        tar = directory.resolve("rootfs.tar");
        Files.write(
                tar,
                new RootfsTar()
                        .directory("etc", 0755)
                        .file("etc/motd", "hello\n")
                        .finish());
    }

    @ParameterizedTest
    @EnumSource(ArchiveFormat.class)
    void anImageThatPodmanSavesKeepsItsId(ArchiveFormat format) {
        String id = podmanImport("localhost/bb:v1");
        Path archive = directory.resolve("saved.tar");
        peers.podman("save", "--format", format.word(), "-o", archive.toString(), "localhost/bb:v1");
        List<Image> loaded = store.load(archive);
        assertThat(loaded).singleElement().satisfies(image -> {
            assertThat(image.id().hex()).isEqualTo(id);
            assertThat(image.names()).extracting(ImageName::toString).containsExactly("localhost/bb:v1");
        });
    }

    @Test
    void compressedArchivesLoadToo() {
        String id = podmanImport("localhost/bb:v1");
        Path archive = directory.resolve("saved.tar");
        peers.podman("save", "-o", archive.toString(), "localhost/bb:v1");
        Peers.run(List.of("gzip", archive.toString()));
        assertThat(store.load(directory.resolve("saved.tar.gz")))
                .singleElement()
                .satisfies(image -> assertThat(image.id().hex()).isEqualTo(id));
    }

    @Test
    void allImagesOfAnArchiveAreLoaded() {
        String first = podmanImport("localhost/one:v1");
        String second = podmanImport("example.com/two:v2");
        peers.podman("tag", first, "localhost/uno:v1");
        Path archive = directory.resolve("both.tar");
        peers.podman("save", "-m", "-o", archive.toString(), "one:v1", "uno:v1", "example.com/two:v2");
        assertThat(store.load(archive)).extracting(image -> image.id().hex()).containsExactlyInAnyOrder(first, second);
        assertThat(store.find("uno:v1")).contains(store.find("one:v1").orElseThrow());
        assertThat(store.find("two:v2")).isPresent();
    }

    @Test
    void anImageWithoutANameIsLoaded() {
        String id = podmanImport("");
        Path archive = directory.resolve("saved.tar");
        peers.podman("save", "-o", archive.toString(), id);
        assertThat(store.load(archive))
                .singleElement()
                .satisfies(image -> assertThat(image.names()).isEmpty());
        assertThat(store.find(id)).isPresent();
    }

    @ParameterizedTest
    @EnumSource(ArchiveFormat.class)
    void podmanLoadsWhatIsSavedUnderTheSameId(ArchiveFormat format) {
        Peers.assumeInstalled("skopeo");
        Image image = store.importTar(
                new ByteArrayInputStream(new RootfsTar().file("f", "content").finish()), ImportOptions.named("bb:v1"));
        Path archive = directory.resolve("saved.tar");
        store.save(image, archive, format);
        peers.podman("load", "-i", archive.toString());
        assertThat(peers.podman("image", "inspect", "--format", "{{.Id}}", "localhost/bb:v1"))
                .isEqualTo(image.id().hex());
    }

    @Test
    void theSameImageInBothFormatsIsOneImage() {
        String id = podmanImport("localhost/bb:v1");
        for (ArchiveFormat format : ArchiveFormat.values()) {
            Path archive = directory.resolve(format.word());
            peers.podman("tag", id, "localhost/" + format.word());
            peers.podman("save", "--format", format.word(), "-o", archive.toString(), "localhost/" + format.word());
            store.load(archive);
        }
        assertThat(store.list())
                .singleElement()
                .satisfies(image -> assertThat(image.names())
                        .extracting(ImageName::toString)
                        .containsExactlyInAnyOrder("localhost/docker-archive:latest", "localhost/oci-archive:latest"));
    }

    @Test
    void changesMeanWhatPodmanTakesThemFor() {
        List<String> changes = List.of(
                "CMD [\"sleep\", \"100\"]",
                "ENTRYPOINT /bin/thing with words",
                "ENV A=1",
                "ENV B=two words",
                "ENV=C=3",
                "ENV D=\"quoted\"",
                "ENV E=\"half\" quoted",
                "EXPOSE 8080",
                "EXPOSE 53/udp",
                "LABEL a=b c=\"d e\"",
                "LABEL q=\"quoted\"",
                "STOPSIGNAL SIGINT",
                "USER 1000:1000",
                "VOLUME /data",
                "VOLUME [\"/a\", \"/b\"]",
                "WORKDIR /work");
        List<String> command = new ArrayList<>(List.of("import", "-q", "-m", "a remark"));
        changes.forEach(change -> command.addAll(List.of("--change", change)));
        command.addAll(List.of(tar.toString(), "localhost/peer:v1"));
        peers.podman(command.toArray(String[]::new));
        Path archive = directory.resolve("peer.tar");
        peers.podman("save", "-o", archive.toString(), "localhost/peer:v1");
        ImageConfig theirs = store.load(archive).get(0).config();
        ImageConfig ours = store.importTar(
                        new ByteArrayInputStream(new RootfsTar().file("f", "").finish()),
                        new ImportOptions("", changes, "a remark"))
                .config();
        assertThat(ours)
                .usingRecursiveComparison()
                .ignoringFields("history")
                .ignoringCollectionOrder()
                .isEqualTo(theirs);
    }

    private String podmanImport(String name) {
        String change = "LABEL name=" + (name.isEmpty() ? "none" : name);
        return name.isEmpty()
                ? id(peers.podman("import", "-q", "--change", change, tar.toString()))
                : id(peers.podman("import", "-q", "--change", change, tar.toString(), name));
    }

    private static String id(String output) {
        String last = output.lines().reduce((first, second) -> second).orElseThrow();
        return last.replace("sha256:", "");
    }
}

package dev.ctr.lifecycle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.EngineException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageStoreTest {
    @TempDir
    Path root;

    private ImageStore store;

    @BeforeEach
    void openStore() {
        store = new ImageStore(root);
    }

    @Test
    void anImportedImageIsFoundByEveryFormOfItsName() {
        Image image = importImage("reg.example.com:5000/team/app:v1", "a");
        for (String typed : List.of(
                "reg.example.com:5000/team/app:v1",
                "team/app:v1",
                "app:v1",
                image.id().hex(),
                "sha256:" + image.id().hex(),
                image.id().abbreviated(),
                image.id().hex().substring(0, 3),
                "app@" + image.digest(),
                "reg.example.com:5000/team/app:v1@" + image.digest())) {
            assertThat(store.find(typed)).as(typed).contains(image);
        }
        for (String typed : List.of("app", "am/app:v1", image.id().hex().substring(0, 2), "", "App:v1", "v1", ":v1")) {
            assertThat(store.find(typed)).as(typed).isEmpty();
        }
    }

    @Test
    void aShortNameIsOneOfThisHost() {
        Image image = importImage("bb", "a");
        assertThat(image.names()).extracting(ImageName::toString).containsExactly("localhost/bb:latest");
        assertThat(store.find("bb")).contains(image);
        assertThat(store.find("localhost/bb")).contains(image);
    }

    @Test
    void theImageOfThisHostIsPreferredAndOtherwiseAnAmbiguousNameIsRefused() {
        importImage("a.example.com/x/app", "a");
        importImage("b.example.com/x/app", "b");
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> store.find("app"))
                .withMessageContaining("a.example.com/x/app:latest, b.example.com/x/app:latest")
                .satisfies(e -> assertThat(e.code()).isEqualTo(EngineException.Code.INVALID_ARGUMENT));
        Image ours = importImage("app", "c");
        assertThat(store.find("app")).contains(ours);
    }

    @Test
    void importAppliesChanges() {
        Image image = store.importTar(
                new ByteArrayInputStream(tar("a")),
                new ImportOptions(
                        "bb",
                        List.of("CMD [\"sleep\",\"9\"]", "ENV A=b", "EXPOSE 80", "LABEL l=v", "WORKDIR /w"),
                        "a remark"));
        assertThat(image.config().cmd()).containsExactly("sleep", "9");
        assertThat(image.config().env()).containsExactly("A=b");
        assertThat(image.config().workingDir()).isEqualTo("/w");
        assertThat(image.config().architecture()).isEqualTo(Platform.architecture());
        assertThat(image.config().history())
                .singleElement()
                .satisfies(step -> assertThat(step.comment()).isEqualTo("a remark"));
        ObjectNode inspected = store.inspect(image);
        assertThat(inspected.path("Id").asText()).isEqualTo(image.id().hex());
        assertThat(inspected.path("RepoTags").path(0).asText()).isEqualTo("localhost/bb:latest");
        assertThat(inspected.path("RepoDigests").path(0).asText()).isEqualTo("localhost/bb@" + image.digest());
        assertThat(inspected.path("Config").path("Cmd").path(0).asText()).isEqualTo("sleep");
        assertThat(inspected.path("RootFS").path("Layers")).hasSize(1);
        assertThat(inspected.path("Comment").asText()).isEqualTo("a remark");
    }

    @Test
    void importReadsCompressedArchives() throws IOException {
        Image plain = importImage("", "a");
        ByteArrayOutputStream gzipped = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(gzipped)) {
            out.write(tar("a"));
        }
        Image image = store.importTar(new ByteArrayInputStream(gzipped.toByteArray()), ImportOptions.named("gz"));
        assertThat(image.diffIds()).isEqualTo(plain.diffIds());
        assertThat(image.size()).isGreaterThan(tar("a").length);
    }

    @Test
    void whatIsNoTarIsNotImported() throws IOException {
        for (byte[] content : List.of(
                new byte[0], new byte[10_000], "no tar at all".repeat(500).getBytes(StandardCharsets.US_ASCII))) {
            assertThatExceptionOfType(EngineException.class)
                    .isThrownBy(() -> store.importTar(new ByteArrayInputStream(content), ImportOptions.named("x")));
        }
        assertThat(store.list()).isEmpty();
        assertThat(filesBelow(root.resolve("scratch"))).isEmpty();
    }

    @Test
    void aTruncatedTarIsNotImported() {
        byte[] tar = new RootfsTar().file("f", 0644, new byte[100_000]).finish();
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> store.importTar(new ByteArrayInputStream(tar, 0, 50_000), ImportOptions.named("x")));
        assertThat(store.list()).isEmpty();
    }

    @Test
    void badNamesAndChangesAreRefusedBeforeAnythingIsRead() {
        ByteArrayInputStream unread = new ByteArrayInputStream(tar("a"));
        int available = unread.available();
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> store.importTar(unread, ImportOptions.named("Upper")))
                .withMessageContaining("must be lower-case");
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> store.importTar(unread, new ImportOptions("x", List.of("FROM y"), "")))
                .withMessageContaining("invalid instruction FROM");
        assertThat(unread.available()).isEqualTo(available);
    }

    @Test
    void aNameGoesOverToTheNewImageAndTheOldOneStays() {
        Image old = importImage("bb", "a");
        Image fresh = importImage("bb", "b");
        assertThat(store.find("bb")).contains(fresh);
        assertThat(store.find(old.id().hex()))
                .get()
                .satisfies(found -> assertThat(found.names()).isEmpty());
        assertThat(store.list()).hasSize(2);
    }

    @Test
    void namesAreAddedAndTaken() {
        Image image = importImage("bb", "a");
        assertThat(store.tag("bb", "other:v2").names())
                .extracting(ImageName::toString)
                .containsExactly("localhost/bb:latest", "localhost/other:v2");
        assertThat(store.untag("bb").names()).extracting(ImageName::toString).containsExactly("localhost/other:v2");
        assertThat(store.untag("other:v2").names()).isEmpty();
        assertThat(store.find(image.id().hex())).isPresent();
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> store.untag("other:v2"))
                .satisfies(e -> assertThat(e.code()).isEqualTo(EngineException.Code.NO_SUCH_IMAGE));
    }

    @Test
    void removingANameKeepsAnImageThatHasAnother() {
        importImage("bb", "a");
        store.tag("bb", "other");
        Removal removal = store.remove("bb", false, id -> true);
        assertThat(removal.deleted()).isFalse();
        assertThat(removal.untagged()).containsExactly(ImageName.of("bb"));
        assertThat(store.find("other")).isPresent();
    }

    @Test
    void anImageWithSeveralNamesIsRemovedByIdOnlyByForce() {
        Image image = importImage("bb", "a");
        store.tag("bb", "other");
        String id = image.id().hex();
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> store.remove(id, false, unused -> false))
                .withMessageContaining("more than one tag");
        assertThat(store.remove(id, true, unused -> false).untagged()).hasSize(2);
        assertThat(store.list()).isEmpty();
    }

    @Test
    void anImageInUseStays() {
        Image image = importImage("bb", "a");
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> store.remove("bb", true, image.id()::equals))
                .satisfies(e -> assertThat(e.code()).isEqualTo(EngineException.Code.IN_USE));
        assertThat(store.find("bb")).contains(image);
    }

    @Test
    void removalDeletesWhatNoOtherImageHas() throws IOException {
        byte[] shared = tar("shared");
        store.importTar(new ByteArrayInputStream(shared), new ImportOptions("one", List.of("ENV N=1"), ""));
        store.importTar(new ByteArrayInputStream(shared), new ImportOptions("two", List.of("ENV N=2"), ""));
        Path blobs = root.resolve("images/blobs/sha256");
        assertThat(filesBelow(blobs)).hasSize(5);
        store.remove("one", false, id -> false);
        assertThat(filesBelow(blobs)).hasSize(3);
        store.remove("two", false, id -> false);
        assertThat(filesBelow(blobs)).isEmpty();
        assertThat(filesBelow(root.resolve("scratch"))).isEmpty();
    }

    @Test
    void aDamagedImageIsNamedAndCanBeRemovedAndTheOthersAreNotHarmed() throws IOException {
        Image damaged = importImage("bb", "a");
        Image sound = importImage("other", "b");
        Path config = root.resolve("images/blobs/sha256").resolve(damaged.id().hex());
        Files.writeString(config, Files.readString(config).replace("linux", "xunil"));
        for (Runnable call : List.<Runnable>of(() -> store.find("bb"), store::list)) {
            assertThatExceptionOfType(EngineException.class)
                    .isThrownBy(call::run)
                    .withMessageContaining("image " + damaged.id().abbreviated() + " [localhost/bb:latest] is damaged")
                    .satisfies(e -> assertThat(e.code()).isEqualTo(EngineException.Code.BAD_ARCHIVE));
        }
        assertThat(store.find("other")).contains(sound);
        store.tag("other", "third");
        store.remove("third", false, id -> false);
        store.remove("bb", false, id -> false);
        assertThat(store.list()).extracting(Image::id).containsExactly(sound.id());
        assertThat(store.list().get(0).names()).isEqualTo(sound.names());
        assertThat(store.list().get(0).nameHistory())
                .containsExactly("localhost/third:latest", "localhost/other:latest");
        assertThat(filesBelow(root.resolve("images/blobs/sha256"))).hasSize(3);
    }

    private Image importImage(String name, String content) {
        return store.importTar(new ByteArrayInputStream(tar(content)), ImportOptions.named(name));
    }

    private static byte[] tar(String content) {
        return new RootfsTar().file("file", content).finish();
    }

    private static List<Path> filesBelow(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> !file.equals(directory)).toList();
        }
    }
}

package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images come and go, and keep what they are. */
final class ImageCommandsTest {
    private static CtrRoot root;

    @BeforeAll
    static void importBusybox() {
        root = CtrRoot.create().withBusybox();
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    @Test
    void anImportedImageIsListedAndInspected() {
        String id = root.ctr(
                "import",
                "-q",
                "--change",
                "CMD [\"echo\", \"from the image\"]",
                "--change",
                "ENV FROM=image",
                Busybox.tar().toString(),
                "listed:v1");
        assertThat(id).matches("sha256:[0-9a-f]{64}");
        String hex = id.substring("sha256:".length());
        assertThat(root.ctr("images").lines().findFirst().orElseThrow())
                .matches("REPOSITORY +TAG +IMAGE ID +CREATED +SIZE");
        assertThat(root.ctr("images").lines())
                .anyMatch(line -> line.matches("localhost/listed +v1 +" + hex.substring(0, 12) + " +.* [kMG]B"));
        JsonNode image =
                JsonOutput.of(root.ctr("image", "inspect", "listed:v1")).get(0);
        assertThat(image.path("Id").asText()).isEqualTo(hex);
        assertThat(image.at("/Config/Cmd")).extracting(JsonNode::asText).containsExactly("echo", "from the image");
        assertThat(root.ctr("run", "--rm", "--network", "none", "listed:v1")).isEqualTo("from the image");
        assertThat(root.ctr("run", "--rm", "--network", "none", "listed:v1", "sh", "-c", "echo $FROM"))
                .isEqualTo("image");
    }

    @Test
    void anImageInUseIsNotRemoved() {
        root.ctr("import", "-q", "--change", "LABEL a=used", Busybox.tar().toString(), "used");
        root.ctr("create", "--name", "user", "--network", "none", "used", "true");
        assertThat(root.run("rmi", "used").failedWith(2)).contains("in use");
        root.ctr("rm", "user");
        assertThat(root.ctr("rmi", "used")).contains("Untagged: localhost/used:latest", "Deleted: ");
        assertThat(root.run("rmi", "used").failedWith(1)).contains("image not known");
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker-archive", "oci-archive"})
    void aSavedImageComesBackTheSame(String format) {
        String name = "saved-" + format;
        root.ctr("import", "-q", "--change", "LABEL a=" + format, Busybox.tar().toString(), name);
        String id = imageId(name);
        Path archive = root.directory().resolve(name + ".tar");
        root.ctr("save", "--format", format, "-o", archive.toString(), name);
        root.ctr("rmi", name);
        assertThat(root.ctr("images", "-q", "--no-trunc")).doesNotContain(id);
        assertThat(root.ctr("load", "-i", archive.toString()))
                .contains("Loaded image", "localhost/" + name + ":latest");
        assertThat(imageId(name)).isEqualTo(id);
        assertThat(root.ctr("run", "--rm", "--network", "none", name, "cat", "/app/conf"))
                .isEqualTo("from the image");
        assumeTrue(Commands.exists("skopeo"), "skopeo is not installed");
        String config = Commands.run("skopeo", "inspect", "--config", "--raw", format + ":" + archive)
                .succeeded();
        assertThat(sha256(config)).isEqualTo(id);
    }

    @Test
    void namesAreGivenAndTaken() {
        String id = root.ctr("import", "-q", "--change", "LABEL a=named", Busybox.tar().toString(), "named");
        root.ctr("tag", "named", "second:v1", "registry.example.com/team/third");
        assertThat(root.ctr("images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", "label=a=named")
                        .lines())
                .containsExactlyInAnyOrder(
                        "localhost/named:latest", "localhost/second:v1", "registry.example.com/team/third:latest");
        root.ctr("untag", "named", "second:v1");
        assertThat(root.run("image", "exists", "second:v1").exitCode()).isEqualTo(1);
        assertThat(root.run("image", "exists", "team/third").exitCode()).isZero();
        root.ctr("untag", "named");
        JsonNode listed = JsonOutput.of(root.ctr("images", "--format", "json", "--filter", "dangling=true"))
                .get(0);
        assertThat("sha256:" + listed.path("Id").asText()).isEqualTo(id);
        assertThat(listed.path("Dangling").asBoolean()).isTrue();
        assertThat(listed.path("History"))
                .extracting(JsonNode::asText)
                .containsExactlyInAnyOrder(
                        "registry.example.com/team/third:latest", "localhost/second:v1", "localhost/named:latest");
        assertThat(root.run("tag", "nothing", "x").failedWith(125)).contains("nothing: image not known");
    }

    @Test
    void onlyImagesThatNobodyNeedsArePruned() {
        try (CtrRoot own = CtrRoot.create().withBusybox()) {
            String nameless = own.ctr("import", "-q", "--change", "LABEL a=b", Busybox.tar().toString());
            String used = own.ctr("image", "inspect", "-f", "{{.Id}}", "bb");
            own.ctr("import", "-q", "--change", "LABEL a=c", Busybox.tar().toString(), "spare");
            own.ctr("create", "--network", "none", "bb", "true");
            assertThat(own.run("image", "prune").exitCode()).isEqualTo(125);
            assertThat("sha256:" + own.ctr("image", "prune", "-f")).isEqualTo(nameless);
            assertThat(own.ctr("image", "prune", "-a", "-f")).isNotEmpty().isNotEqualTo(used);
            assertThat(own.ctr("images", "-q", "--no-trunc")).isEqualTo("sha256:" + used);
        }
    }

    @Test
    void anImagesHistoryIsTold() {
        root.ctr("import", "-q", "-m", "remark", "--change", "LABEL a=h", Busybox.tar().toString(), "told");
        assertThat(root.ctr("history", "told").lines().findFirst().orElseThrow())
                .matches("ID +CREATED +CREATED BY +SIZE +COMMENT");
        assertThat(root.ctr("history", "--no-trunc", "--format", "{{.ID}} {{.Comment}}", "told"))
                .isEqualTo(imageId("told") + " remark");
        JsonNode step = JsonOutput.of(root.ctr("history", "--format", "json", "told")).get(0);
        assertThat(step.path("size").asLong()).isGreaterThan(1_000_000);
        assertThat(step.path("id").asText()).isEqualTo(imageId("told"));
    }

    @Test
    void anImageWithoutLayersIsCreatedFromAndItsMissingProgramIsSaid() {
        Path layout = OciLayoutDirectory.write(root.directory().resolve("scratch-layout"), "scratch", List.of());
        assertThat(root.ctr("load", "-i", layout.toString())).contains("localhost/scratch:latest");
        assertThat(JsonOutput.of(root.ctr("image", "inspect", "scratch"))
                        .get(0)
                        .at("/RootFS/Layers"))
                .isEmpty();
        assertThat(root.run("run", "--rm", "--network", "none", "scratch", "/nothing")
                        .exitCode())
                .isEqualTo(127);
        Path busybox = root.directory().resolve("busybox");
        Commands.run("sh", "-c", "cp $(command -v busybox) " + busybox).succeeded();
        assertThat(root.ctr(
                        "run", "--rm", "--network", "none", "-v", busybox + ":/bb", "scratch", "/bb", "echo", "runs"))
                .isEqualTo("runs");
    }

    @Test
    void layersAreMountedOnEachOtherAndSharedByContainers() {
        Path top = root.directory().resolve("top");
        Path tar = root.directory().resolve("top.tar");
        Commands.run("sh", "-c", """
                        mkdir -p %1$s/etc %1$s/app %1$s/data &&
                        touch %1$s/etc/.wh.motd %1$s/app/.wh..wh..opq && echo new >%1$s/app/new &&
                        echo one >%1$s/data/a && ln %1$s/data/a %1$s/data/b && setfattr -n user.k -v v %1$s/data/a ||
                        python3 -c 'import os; os.setxattr("%1$s/data/a", "user.k", b"v")' &&
                        tar --xattrs -C %1$s -cf %2$s .
                        """.formatted(top, tar)).succeeded();
        Path layout = OciLayoutDirectory.write(
                root.directory().resolve("layers-layout"), "layered", List.of(Busybox.tar(), tar));
        root.ctr("load", "-i", layout.toString());
        String look = "ls /etc/motd /app; stat -c %h /data/a; cat /data/b";
        assertThat(root.run("run", "--name", "first", "--network", "none", "layered", "sh", "-c", look)
                        .output())
                .isEqualTo("/app:\nnew\n2\none\n");
        String lower = root.ctr("inspect", "-f", "{{.GraphDriver.Data.LowerDir}}", "first");
        assertThat(lower.split(":", -1)).hasSize(2);
        assertThat(userAttribute(Path.of(lower.split(":", -1)[0]).resolve("data/b"), "k"))
                .isEqualTo("v");
        root.ctr("run", "--name", "second", "--network", "none", "layered", "sh", "-c", "echo two >/data/a");
        assertThat(root.ctr("inspect", "-f", "{{.GraphDriver.Data.LowerDir}}", "second"))
                .isEqualTo(lower);
        assertThat(Path.of(lower.split(":", -1)[0]).resolve("data/a")).hasContent("one");
        root.ctr("rm", "first", "second");
        root.ctr("rmi", "layered");
        assertThat(Path.of(lower.split(":", -1)[0])).doesNotExist();
    }

    private static String userAttribute(Path file, String name) {
        return Commands.run(
                        "python3",
                        "-c",
                        "import os, sys; print(os.getxattr(sys.argv[1], 'user.' + sys.argv[2]).decode())",
                        file.toString(),
                        name)
                .succeeded();
    }

    private static String imageId(String name) {
        return root.ctr("image", "inspect", "-f", "{{.Id}}", name);
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}

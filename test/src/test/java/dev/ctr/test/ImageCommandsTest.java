package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
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

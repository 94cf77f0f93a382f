package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What containers see of files, and where what they write stays. */
final class ContainerStorageTest {
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
    void containersOfOneImageDoNotSeeEachOthersFiles() {
        root.ctr(
                "run",
                "-d",
                "--name",
                "a",
                "--network",
                "none",
                "bb",
                "sh",
                "-c",
                "echo a > /app/conf; rm /etc/motd; sleep 1000");
        root.ctr("run", "-d", "--name", "b", "--network", "none", "bb", "sleep", "1000");
        assertThat(root.ctr("exec", "a", "sh", "-c", "cat /app/conf; ls /etc/motd 2>/dev/null || echo gone")
                        .lines())
                .containsExactly("a", "gone");
        assertThat(root.ctr("exec", "b", "cat", "/app/conf", "/etc/motd").lines())
                .containsExactly("from the image", "welcome");
        assertThat(root.ctr("run", "--rm", "--network", "none", "bb", "cat", "/app/conf"))
                .isEqualTo("from the image");
    }

    @Test
    void aRootFileSystemIsWrittenToUnlessOverlaid() throws IOException {
        Path rootfs = Busybox.layOut(root.directory().resolve("rootfs"));
        root.ctr("run", "--rm", "--network", "none", "--rootfs", rootfs + ":O", "sh", "-c", "echo over > /app/conf");
        assertThat(rootfs.resolve("app/conf")).hasContent("from the image");
        root.ctr("run", "--rm", "--network", "none", "--rootfs", rootfs.toString(), "sh", "-c", "echo in > /app/conf");
        assertThat(rootfs.resolve("app/conf")).hasContent("in");
    }

    @Test
    void aReadOnlyRootCannotBeChangedExceptWhereMountsAre() {
        String script = "touch /file 2>/dev/null && echo written; touch /tmp/file && touch /dev/shm/file && echo tmp";
        assertThat(root.ctr("run", "--rm", "--network", "none", "--read-only", "bb", "sh", "-c", script))
                .isEqualTo("tmp");
    }

    @Test
    void aNewVolumeTakesOverWhatTheImageHasThere() {
        assertThat(root.ctr("run", "--rm", "--network", "none", "-v", "fresh:/app", "bb", "cat", "/app/conf"))
                .isEqualTo("from the image");
        root.ctr("run", "--rm", "--network", "none", "-v", "fresh:/app", "bb", "sh", "-c", "echo kept > /app/conf");
        assertThat(root.ctr("run", "--rm", "--network", "none", "-v", "fresh:/app", "bb", "cat", "/app/conf"))
                .isEqualTo("kept");
        assertThat(root.ctr(
                        "run",
                        "--rm",
                        "--network",
                        "none",
                        "-v",
                        "fresh:/data:ro",
                        "bb",
                        "sh",
                        "-c",
                        "touch /data/x 2>/dev/null; ls /data"))
                .isEqualTo("conf");
        Path directory = Path.of(volume("fresh").path("Mountpoint").asText());
        assertThat(directory.resolve("conf")).hasContent("kept");
    }

    @Test
    void namedVolumesStayAndAnonymousOnesGo() {
        root.ctr(
                "create",
                "--name",
                "vols",
                "--network",
                "none",
                "-v",
                "named:/named",
                "-v",
                "/anonymous",
                "bb",
                "true");
        root.ctr("start", "-a", "vols");
        List<String> anonymous = root.ctr("inspect", "-f", "{{range .Mounts}}{{.Name}} {{end}}", "vols")
                .lines()
                .flatMap(line -> List.of(line.split(" ")).stream())
                .filter(name -> !name.equals("named"))
                .toList();
        assertThat(anonymous).singleElement().asString().matches("[0-9a-f]{64}");
        assertThat(volumes()).contains("named", anonymous.get(0));
        assertThat(root.run("volume", "rm", "named").failedWith(2)).contains("named");
        root.ctr("rm", "-v", "vols");
        assertThat(volumes()).contains("named").doesNotContain(anonymous.get(0));
        assertThat(root.ctr("volume", "rm", "named")).isEqualTo("named");
        assertThat(volumes()).doesNotContain("named");
    }

    @Test
    void aVolumeIsMadeListedInspectedAndRemoved() {
        assertThat(root.ctr("volume", "create", "-l", "k=v", "made")).isEqualTo("made");
        JsonNode made = volume("made");
        assertThat(made.at("/Labels/k").asText()).isEqualTo("v");
        assertThat(made.path("Driver").asText()).isEqualTo("local");
        assertThat(Path.of(made.path("Mountpoint").asText())).isEmptyDirectory();
        assertThat(root.ctr("volume", "ls").lines()).anyMatch(line -> line.matches("local +made"));
        assertThat(root.run("volume", "create", "made").failedWith(125)).contains("already exists");
        root.ctr("volume", "rm", "made");
        assertThat(root.run("volume", "rm", "made").failedWith(1)).contains("no such volume");
    }

    @Test
    void directoriesOfTheHostAreMountedAndReadOnlyWhenAsked() throws IOException {
        Path shared = Files.createDirectory(root.directory().resolve("shared"));
        Files.writeString(shared.resolve("in"), "from the host");
        String script = "cat /ro/in; touch /ro/x 2>/dev/null && echo written; echo back > /rw/out";
        assertThat(root.ctr(
                        "run",
                        "--rm",
                        "--network",
                        "none",
                        "-v",
                        shared + ":/ro:ro",
                        "--mount",
                        "type=bind,src=" + shared + ",dst=/rw",
                        "bb",
                        "sh",
                        "-c",
                        script))
                .isEqualTo("from the host");
        assertThat(shared.resolve("out")).hasContent("back");
        assertThat(root.run("run", "--rm", "-v", shared + "/nosuch:/x", "bb", "true")
                        .failedWith(125))
                .contains(shared + "/nosuch");
    }

    @Test
    void aTmpfsHasWhatTheImageHasThereAndIsAsLargeAsItSays() {
        List<String> report = root.ctr(
                        "run",
                        "--rm",
                        "--network",
                        "none",
                        "--tmpfs",
                        "/app:size=1m",
                        "--shm-size",
                        "2m",
                        "bb",
                        "sh",
                        "-c",
                        "ls -A /app; awk '$2 == \"/app\" { print $3 }' /proc/mounts; df -k /app /dev/shm | awk 'NR > 1 { print $2 }'")
                .lines()
                .toList();
        assertThat(report).containsExactly("conf", "tmpfs", "1024", "2048");
    }

    private static JsonNode volume(String name) {
        return JsonOutput.of(root.ctr("volume", "inspect", name)).get(0);
    }

    private static List<String> volumes() {
        return root.ctr("volume", "ls", "-q").lines().toList();
    }
}

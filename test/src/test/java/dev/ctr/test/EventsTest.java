package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What happens is told, with podman's words and keys. */
final class EventsTest {
    private static CtrRoot root;

    @BeforeAll
    static void importBusybox() {
        root = CtrRoot.create().withBusybox();
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    private static List<String> statusesOf(String container) {
        return root.ctr("events", "--stream=false", "-f", "container=" + container, "--format", "{{.Status}}")
                .lines()
                .toList();
    }

    @Test
    void aContainersLifeIsTold() {
        root.ctr("run", "-d", "--name", "life", "--label", "tier=front", "--network", "none", "bb", "sleep", "1000");
        root.ctr("exec", "life", "true");
        root.ctr("pause", "life");
        root.ctr("unpause", "life");
        root.ctr("stop", "-t", "0", "life");
        String id = root.ctr("inspect", "-f", "{{.Id}}", "life");
        root.ctr("rename", "life", "afterlife");
        root.ctr("rm", "afterlife");
        assertThat(statusesOf(id))
                .containsExactly(
                        "create",
                        "init",
                        "start",
                        "exec",
                        "exec_died",
                        "pause",
                        "unpause",
                        "stop",
                        "died",
                        "cleanup",
                        "rename",
                        "remove");
        JsonNode died = JsonOutput.of(
                root.ctr("events", "--stream=false", "-f", "container=" + id, "-f", "event=died", "--format", "json"));
        assertThat(JsonOutput.keys(died))
                .containsExactlyInAnyOrder(
                        "Attributes", "ContainerExitCode", "ID", "Image", "Name", "Status", "Time", "Type");
        assertThat(died.path("ContainerExitCode").asInt()).isEqualTo(137);
        assertThat(died.path("Attributes").path("tier").asText()).isEqualTo("front");
        assertThat(root.ctr("events", "--stream=false", "-f", "label=tier=front", "-f", "event=create"))
                .matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d+ [+-]\\d{4} \\w+ container create " + id
                        + " \\(image=localhost/bb:latest, name=life, tier=front\\)");
    }

    @Test
    void anEndIsToldOnceWithItsExitCode() {
        assertThat(root.run("run", "--name", "fails", "--network", "none", "bb", "sh", "-c", "exit 3")
                        .exitCode())
                .isEqualTo(3);
        root.ctr("ps", "-a");
        root.ctr("container", "cleanup", "fails");
        root.ctr("rm", "fails");
        assertThat(root.ctr(
                        "events",
                        "--stream=false",
                        "-f",
                        "container=fails",
                        "-f",
                        "event=died",
                        "--format",
                        "{{.ContainerExitCode}}"))
                .isEqualTo("3");
        assertThat(statusesOf("fails")).contains("attach");
    }

    @Test
    void imagesAndVolumesAreToldOf() {
        root.ctr("volume", "create", "told");
        root.ctr("volume", "rm", "told");
        assertThat(root.ctr("events", "--stream=false", "-f", "volume=told", "--format", "{{.Status}}"))
                .isEqualTo("create\nremove");
        assertThat(root.ctr("events", "--stream=false", "-f", "type=image", "--format", "{{.Status}} {{.Name}}"))
                .contains("import localhost/bb:latest");
    }

    @Test
    void aFollowerSeesWhatComesAndEndsWhenItsTimeIsUp() throws Exception {
        Path output = Files.createTempFile(root.directory(), "events-", ".out");
        Path errors = Files.createTempFile(root.directory(), "events-", ".err");
        root.ctr("volume", "create", "before");
        Process follower = Commands.start(
                Map.of(),
                root.command("events", "--until", "6s", "--filter", "type=volume", "--format", "{{.Status}} {{.Name}}"),
                output,
                errors);
        try {
            awaitLine(output, "create before");
            root.ctr("volume", "create", "while");
            awaitLine(output, "create while");
            assertThat(follower.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(follower.exitValue()).isZero();
            assertThat(errors).hasContent("");
        } finally {
            follower.destroyForcibly().waitFor();
        }
    }

    private static void awaitLine(Path output, String line) {
        await().atMost(20, TimeUnit.SECONDS)
                .until(() -> Files.readString(output).lines().anyMatch(line::equals));
    }

    @Test
    void aFullJournalPlaceDoesNotKeepAContainerFromStopping() throws IOException {
        try (CtrRoot other = CtrRoot.create().withBusybox()) {
            Leftovers.deleteTree(other.root().resolve("events"));
            Files.writeString(other.root().resolve("events"), "no directory");
            other.ctr("run", "-d", "--name", "c", "--network", "none", "bb", "sleep", "1000");
            assertThatCode(() -> other.ctr("stop", "-t", "0", "c")).doesNotThrowAnyException();
            assertThat(other.ctr("inspect", "-f", "{{.State.Status}}", "c")).isEqualTo("exited");
        }
    }
}

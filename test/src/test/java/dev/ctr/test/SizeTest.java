package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** How large containers are. */
@ResourceLock("host network")
class SizeTest {
    @Test
    void sizesAreThosePodmanTells() {
        try (CtrRoot root = CtrRoot.create().withBusybox();
                Podman podman = Podman.assumeUsable()) {
            // podman itself makes the link /etc/mtab, which counts; so both have one.
            String script =
                    "ln -s /proc/mounts /etc/mtab 2>/dev/null; head -c 3000 /dev/zero > /new; ln /new /same; echo 1 > /etc/motd;"
                            + " rm /etc/group; ln -s 12345 /link";
            String[] run = {"run", "--name", "c", "--network", "none", "bb", "sh", "-c", script};
            root.ctr(run);
            podman.podman(run);
            JsonNode ours = JsonOutput.of(root.ctr("inspect", "--size", "c")).get(0);
            JsonNode theirs =
                    JsonOutput.of(podman.podman("inspect", "--size", "c")).get(0);
            assertThat(ours.path("SizeRw").asLong())
                    .isEqualTo(theirs.path("SizeRw").asLong())
                    .isGreaterThan(3000);
            assertThat(ours.path("SizeRootFs").asLong())
                    .isEqualTo(theirs.path("SizeRootFs").asLong());
            assertThat(JsonOutput.inspect(root, "c").has("SizeRw")).isFalse();
            assertThat(root.ctr("ps", "-a", "-s", "--format", "{{.Size}}"))
                    .isEqualTo(podman.podman("ps", "-a", "-s", "--format", "{{.Size}}"));
            assertThat(JsonOutput.of(root.ctr("ps", "-a", "-s", "--format", "json"))
                            .get(0)
                            .path("Size"))
                    .isEqualTo(JsonOutput.of(podman.podman("ps", "-a", "-s", "--format", "json"))
                            .get(0)
                            .path("Size"));
            assertThat(root.ctr("ps", "-a", "-s")).startsWith("CONTAINER ID").contains("SIZE", "(virtual ");
        }
    }
}

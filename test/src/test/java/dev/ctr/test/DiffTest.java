package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** {@code ctr diff}. */
@ResourceLock("host network")
class DiffTest {
    private static final String CHANGES = "echo x > /etc/motd; echo y > /test.output; rm -r /app; mkdir -p /var/a/b;"
            + " echo z > /var/a/b/c; ln -s /x /lnk; touch /etc/new; chmod 700 /usr; rm /etc/group; mkfifo /var/fifo;"
            + " echo r > /root/r; rm /root/r; mkdir /var-x; ln /test.output /var/hard; echo v > /data/in-volume";

    @Test
    void changesAreThosePodmanTells() {
        try (CtrRoot root = CtrRoot.create().withBusybox();
                Podman podman = Podman.assumeUsable()) {
            String[] run = {
                "run", "--name", "d", "--network", "none", "-v", "ctr-test-diff:/data", "bb", "sh", "-c", CHANGES
            };
            root.ctr(run);
            podman.podman(run);
            String changes = root.ctr("diff", "d");
            assertThat(changes).contains("A /test.output", "C /etc", "D /app");
            assertThat(changes).isEqualTo(podman.podman("diff", "d"));
            assertThat(JsonOutput.of(root.ctr("diff", "--format", "json", "d")))
                    .isEqualTo(JsonOutput.of(podman.podman("diff", "--format", "json", "d")));
            assertThat(root.ctr("diff", "bb")).isEqualTo(podman.podman("diff", "bb"));
            assertThat(root.run("diff", "nobody").failedWith(125))
                    .isEqualTo("Error: nobody not found: layer not known");
            assertThat(root.run("diff", "--format", "x", "d").failedWith(125))
                    .isEqualTo("Error: only supported value for '--format' is 'json'");
        }
    }
}

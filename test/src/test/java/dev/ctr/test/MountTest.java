package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ctr.criu.linux.Mounts;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.image.ImportOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Mounting containers' root file systems on the host. */
class MountTest {
    private static final Optional<Duration> AT_ONCE = Optional.of(Duration.ZERO);

    private final CtrRoot root = CtrRoot.create();
    private final Engine engine = root.engine(List.of());

    @BeforeEach
    void importImage() throws IOException {
        engine.images().importTar(Files.newInputStream(Busybox.tar()), ImportOptions.named("bb"));
    }

    @AfterEach
    void close() {
        try (root) {
            engine.containers().forEach(each -> each.remove(true, true, AT_ONCE));
        }
    }

    private Container create(String name) {
        return engine.create(
                CreateOptions.fromImage("bb").name(name).network("none").command(List.of("sleep", "1000")));
    }

    @Test
    void mountsAreCountedAndTheLastUnmountUnmounts() throws IOException {
        Container container = create("c");
        assertThat(container.mountPoint()).isEmpty();
        Path place = container.mount();
        assertThat(place.resolve("etc/motd")).hasContent("welcome");
        assertThat(container.mount()).isEqualTo(place);
        container.unmount(false);
        assertThat(container.mountPoint()).contains(place);
        container.unmount(false);
        assertThat(container.mountPoint()).isEmpty();
        container.unmount(false);
        container.mount();
        container.mount();
        container.unmount(true);
        assertThat(Mounts.isMounted(place)).isFalse();
        container.mount();
        container.remove(false, true);
        assertThat(Mounts.isMounted(place)).isFalse();
    }

    @Test
    void aRunningContainersOwnMountStaysAndAUsersOutlastsItsEnd() throws IOException {
        Container container = create("c");
        container.start();
        String refusal = "cannot unmount storage for container " + container.id()
                + " as it is running or paused: container state improper";
        assertThatThrownBy(() -> container.unmount(false)).hasMessage(refusal);
        Path place = container.mount();
        container.unmount(false);
        container.pause();
        assertThatThrownBy(() -> container.unmount(true)).hasMessage(refusal);
        container.unpause();
        assertThat(Inside.sh(container, "cat /etc/motd")).isEqualTo("welcome");
        container.mount();
        container.stop(AT_ONCE);
        assertThat(Mounts.isMounted(place)).isTrue();
        Files.writeString(place.resolve("etc/motd"), "changed on the host");
        container.start();
        assertThat(Inside.sh(container, "cat /etc/motd")).isEqualTo("changed on the host");
        container.stop(AT_ONCE);
        container.unmount(false);
        assertThat(Mounts.isMounted(place)).isFalse();
    }

    @Test
    void theCommandsPrintWhatPodmansDo() {
        Container one = create("one");
        Container two = create("two");
        assertThat(root.ctr("mount")).isEmpty();
        String place = root.ctr("mount", "one");
        assertThat(Path.of(place)).isDirectoryContaining("glob:**etc");
        assertThat(root.ctr("mount")).isEqualTo(one.id().abbreviated() + "  " + place);
        assertThat(JsonOutput.of(root.ctr("mount", "--format", "json")).toString())
                .isEqualTo("[{\"id\":\"" + one.id() + "\",\"Names\":[\"one\"],\"mountpoint\":\"" + place + "\"}]");
        assertThat(root.run("mount", "two", "nosuch").failedWith(125)).contains("no such container");
        assertThat(two.mountPoint()).isEmpty();
        assertThat(root.ctr("umount", "--all")).isEqualTo(one.id().hex());
        assertThat(root.run("unmount").failedWith(125)).isEqualTo("Error: you must provide at least one name or id");
    }
}

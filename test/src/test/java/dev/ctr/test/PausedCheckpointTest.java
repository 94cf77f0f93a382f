package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.RestoreOptions;
import dev.ctr.lifecycle.RestoreResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A paused container is checkpointed like any other, and is paused again when it is restored. */
final class PausedCheckpointTest {
    @Test
    void itIsPausedWhenItIsRestoredAndGoesOnFromThere() throws IOException {
        try (Workbench bench = Workbench.create()) {
            Container container = bench.run(
                    Engines.busybox(Ticks.command().toArray(String[]::new)).name("one"));
            await().until(() -> Ticks.last(Workbench.log(container)) > 2);
            container.pause();
            Path directory = Files.createDirectory(bench.file("is-a-directory"));
            assertThatThrownBy(() -> container.checkpoint(new CheckpointOptions().exportTo(directory)))
                    .hasMessageContaining(directory.toString());
            assertThat(container.state().status()).isEqualTo(ContainerStatus.PAUSED);

            int last = Ticks.last(Workbench.log(container));
            Path archive = bench.file("paused.tar");
            container.checkpoint(new CheckpointOptions().leaveRunning(true).exportTo(archive));
            assertThat(container.state().status()).as("left as it was").isEqualTo(ContainerStatus.PAUSED);
            assertThat(Ticks.last(Workbench.log(container))).isEqualTo(last);

            assertThat(bench.ctr("checkpoint", "one")).isEqualTo("one");
            assertThat(container.state().status()).isEqualTo(ContainerStatus.EXITED);
            RestoreResult result = container.restore(new RestoreOptions());
            assertThat(result.warnings()).singleElement().asString().contains("one was paused", "unpause");
            assertGoesOnOnlyWhenUnpaused(container, last);

            bench.ctr("restore", "-i", archive.toString(), "--name", "two");
            assertGoesOnOnlyWhenUnpaused(bench.engine().container("two"), last);
            container.checkpoint(new CheckpointOptions());
            container.restore(new RestoreOptions());
            assertThat(container.state().status())
                    .as("it was running this time")
                    .isEqualTo(ContainerStatus.RUNNING);
        }
    }

    private static void assertGoesOnOnlyWhenUnpaused(Container container, int last) {
        assertThat(container.state().status()).isEqualTo(ContainerStatus.PAUSED);
        int restored = Ticks.last(Workbench.log(container));
        assertThat(restored).as("nothing of it ran").isEqualTo(last);
        assertThat(Ticks.last(Workbench.log(container))).isEqualTo(restored);
        container.unpause();
        await().until(() -> Ticks.last(Workbench.log(container)) > restored + 2);
        assertThat(Ticks.areComplete(Workbench.log(container))).isTrue();
    }
}

package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.RestoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The images of a checkpoint that goes into an archive: they pass through memory, and are never lost on the way. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExportedCheckpointTest {
    private final CtrRoot root = CtrRoot.create();
    private final Engine engine = Engines.of(root);

    @BeforeAll
    void importImage() {
        root.withBusybox();
    }

    @AfterAll
    void leaveNothing() {
        root.close();
    }

    private Container running(String name) {
        Container container = engine.create(
                Engines.busybox(Ticks.command().toArray(String[]::new)).name(name));
        container.start();
        await().until(() -> Ticks.last(root.ctr("logs", name)) > 3);
        return container;
    }

    private Path bundle(Container container) {
        return root.root().resolve("containers/" + container.id().hex() + "/bundle");
    }

    @Test
    void aRestoreInPlaceTakesTheImagesFromTheArchive() throws Exception {
        Container container = running("there");
        Path archive = root.directory().resolve("there.tar.zst");
        container.checkpoint(new CheckpointOptions().exportTo(archive));
        assertThat(bundle(container).resolve("checkpoint")).doesNotExist();
        int before = Ticks.last(root.ctr("logs", "there"));
        container.restore(new RestoreOptions());
        await().until(() -> Ticks.last(root.ctr("logs", "there")) > before + 3);
        assertThat(Ticks.areComplete(root.ctr("logs", "there"))).isTrue();

        container.checkpoint(new CheckpointOptions().exportTo(archive));
        Path elsewhere = Files.move(archive, root.directory().resolve("elsewhere"));
        assertThatThrownBy(() -> container.restore(new RestoreOptions()))
                .hasMessageContaining("was exported to " + archive)
                .hasMessageContaining("--import");
        Files.move(elsewhere, archive);
        container.restore(new RestoreOptions());
        assertThat(container.state().status()).isEqualTo(ContainerStatus.RUNNING);
    }

    /** The program is no more, and its archive grows, has its name, or is noted in the bundle. */
    private enum Point {
        PROGRAM_ENDED,
        ARCHIVE_GROWS,
        ARCHIVE_NAMED,
        ARCHIVE_NOTED
    }

    private boolean isReached(Point point, Container container, Path archive) throws IOException {
        return switch (point) {
            case PROGRAM_ENDED -> true;
            case ARCHIVE_GROWS -> grows(archive);
            case ARCHIVE_NAMED -> Files.exists(archive);
            case ARCHIVE_NOTED -> Files.exists(bundle(container).resolve("exported.json"));
        };
    }

    private static boolean grows(Path archive) throws IOException {
        try (Stream<Path> beside = Files.list(archive.resolveSibling(""))) {
            return beside.anyMatch(file -> file.toFile().length() > 0);
        }
    }

    @Test
    void aCommandThatIsKilledBetweenTheEndAndTheArchiveLosesNothing() throws Exception {
        Container container = running("killed");
        for (Point point : Point.values()) {
            int before = Ticks.last(root.ctr("logs", "killed"));
            ProcessHandle program = ProcessHandle.of(container.state().pid()).orElseThrow();
            Path output = root.directory().resolve("output");
            Path archive = Files.createDirectory(root.directory().resolve(point.name()))
                    .resolve("archive");
            Process command = Commands.start(
                    Map.of(), root.command("checkpoint", "-e", archive.toString(), "killed"), output, output);
            await().pollInterval(Duration.ofMillis(1))
                    .until(() -> !program.isAlive() && isReached(point, container, archive));
            command.destroyForcibly().waitFor();
            container.sync();
            if (container.state().status() != ContainerStatus.RUNNING) {
                container.restore(new RestoreOptions());
            }
            await().until(() -> Ticks.last(root.ctr("logs", "killed")) > before + 3);
            assertThat(Ticks.areComplete(root.ctr("logs", "killed"))).isTrue();
        }
    }
}

package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.CheckpointResult;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.ExecOptions;
import dev.ctr.lifecycle.RestoreOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A checkpoint does not hold what {@code exec} has started, and nothing of that is lost silently. */
final class CheckpointSessionsTest {
    private static final String COUNTER = "i=0; while :; do i=$((i+1)); echo $i >> /dev/shm/count; sleep 0.02; done";

    @Test
    void sessionsAreDroppedOnlyWithACheckpointThatSucceeds() throws Exception {
        try (Workbench bench = Workbench.create()) {
            Container container = bench.run("one", "while :; do sleep 0.1; done");
            container.execDetached(new ExecOptions(List.of("sh", "-c", COUNTER)));
            Path errors = bench.file("errors");
            Process foreground = Commands.start(
                    Map.of(), bench.root().command("exec", "one", "sleep", "1000"), bench.file("output"), errors);
            await().until(() -> container.execSessions().size() == 2);

            assertThat(bench.refusal("checkpoint", "one"))
                    .isEqualTo(
                            "Error: cannot checkpoint one: 2 exec sessions running in it would be lost: end what runs there"
                                    + " first, or give --drop-exec-sessions");
            Path directory = Files.createDirectory(bench.file("is-a-directory"));
            assertThatThrownBy(() -> container.checkpoint(
                            new CheckpointOptions().dropExecSessions(true).exportTo(directory)))
                    .hasMessageContaining(directory.toString());
            assertSessionsGoOn(container);

            Path left = bench.file("left.tar");
            CheckpointResult result = container.checkpoint(
                    new CheckpointOptions().leaveRunning(true).exportTo(left));
            assertThat(result.warnings())
                    .containsExactly("not in this checkpoint of one: 2 exec sessions, left running");
            assertSessionsGoOn(container);

            long ends = sessionEnds(bench);
            Path dropped = bench.file("dropped.tar");
            CommandResult command =
                    bench.root().run("checkpoint", "--drop-exec-sessions", "-e", dropped.toString(), "one");
            assertThat(command.succeeded()).isEqualTo("one");
            assertThat(command.errors())
                    .isEqualTo("Warning: not in this checkpoint of one: 2 exec sessions, ended with it\n");
            assertThat(container.execSessions()).isEmpty();
            assertThat(foreground.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(foreground.exitValue()).as("killed").isEqualTo(137);
            assertThat(sessionEnds(bench)).isEqualTo(ends + 2);

            container.restore(new RestoreOptions());
            assertIsAlone(container);
            container.remove(true, true, Optional.of(Duration.ZERO));
            for (Path archive : List.of(left, dropped)) {
                assertIsAlone(bench.engine()
                        .container(bench.engine()
                                .restore(archive, new RestoreOptions().name("from-" + archive.getFileName()))
                                .id()
                                .hex()));
            }
        }
    }

    private static long sessionEnds(Workbench bench) {
        return bench.ctr("events", "--stream=false", "--filter", "event=exec_died")
                .lines()
                .count();
    }

    private static void assertSessionsGoOn(Container container) {
        assertThat(container.state().status()).isEqualTo(ContainerStatus.RUNNING);
        assertThat(container.execSessions()).hasSize(2);
        int counted = counted(container);
        await().until(() -> counted(container) > counted);
    }

    private static int counted(Container container) {
        return Integer.parseInt(Inside.sh(container, "wc -l < /dev/shm/count"));
    }

    private static void assertIsAlone(Container container) {
        assertThat(container.state().status()).isEqualTo(ContainerStatus.RUNNING);
        assertThat(container.execSessions()).isEmpty();
        assertThat(container.top(List.of("args")).toString()).doesNotContain("/dev/shm/count", "sleep 1000");
    }
}

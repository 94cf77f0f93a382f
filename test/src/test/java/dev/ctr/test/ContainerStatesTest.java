package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The contract of the calls: in each of libpod's nine states every call does what the table of states allows, or refuses with the
 * table's words and leaves the container as it was.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContainerStatesTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    private final CtrRoot root = CtrRoot.create();
    private final List<Thread> stops = new ArrayList<>();
    private final Engine engine = root.engine(runtime(), List.of());

    /** The OCI runtime that is held to the table. */
    String runtime() {
        return "runc";
    }

    @BeforeAll
    void importImage() {
        root.withBusybox();
    }

    /** Whether the runtime can run a container on this host. */
    final void assumeItRuns() {
        try {
            Container trial =
                    engine.create(CreateOptions.fromImage("bb").network("none").command(List.of("true")));
            trial.start();
        } catch (EngineException e) {
            assumeTrue(false, runtime() + " cannot run a container on this host: " + e.getMessage());
        }
    }

    @AfterAll
    void close() throws InterruptedException {
        try (root) {
            for (Container container : engine.containers()) {
                container.remove(true, true, Optional.of(Duration.ZERO));
            }
            for (Thread stop : stops) {
                stop.join(TimeUnit.SECONDS.toMillis(30));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(ContainerStatus.class)
    void everyCallKeepsToTheTable(ContainerStatus given) throws Exception {
        Container shared = in(given);
        // A damaged state is made good before the call: what never ran is as it was created.
        ContainerStatus seen = given == ContainerStatus.UNKNOWN ? ContainerStatus.CONFIGURED : given;
        for (StateTable.Row call : StateTable.ROWS) {
            Optional<String> refusal = call.refusalIn(seen);
            if (refusal.isPresent()) {
                assertRefused(call, shared, seen, refusal.get());
            } else {
                boolean together = given != ContainerStatus.UNKNOWN && call.keeps(given);
                Container own = together ? shared : in(given);
                call.action().on(own);
                assertThat(statusOf(own)).as(call.name() + " in " + given).isEqualTo(call.statusAfter(seen));
                if (!together) {
                    removeIfThere(own);
                }
            }
        }
        removeIfThere(shared);
    }

    private static void assertRefused(
            StateTable.Row call, Container container, ContainerStatus status, String refusal) {
        assertThat(catchThrowable(() -> call.action().on(container)))
                .as(call.name() + " in " + status)
                .isInstanceOf(EngineException.class)
                .hasMessageContaining(refusal.replace("ID", container.id().hex()));
        assertThat(statusOf(container)).as("after " + call.name()).isEqualTo(status.name());
    }

    /** The state's name, or {@code REMOVED}. */
    private static String statusOf(Container container) {
        try {
            return container.batch(Container::state).status().name();
        } catch (EngineException e) {
            if (e.code() == EngineException.Code.NO_SUCH_CONTAINER) {
                return StateTable.REMOVED;
            }
            throw e;
        }
    }

    private static void removeIfThere(Container container) {
        if (!statusOf(container).equals(StateTable.REMOVED)) {
            container.remove(true, true, Optional.of(Duration.ZERO));
        }
    }

    /** A new container in a state. */
    private Container in(ContainerStatus status) throws Exception {
        // The program does not end when it is asked to, but when it is killed or given a file.
        String program = "rm -f /run/end; trap '' TERM; touch /run/ready; until [ -e /run/end ]; do sleep 0.02; done";
        Container container = engine.create(CreateOptions.fromImage("bb")
                .command(List.of("sh", "-c", program))
                .network("none"));
        switch (status) {
            case CONFIGURED -> {}
            case CREATED -> container.init();
            case RUNNING -> start(container);
            case PAUSED -> {
                start(container);
                container.pause();
            }
            case STOPPING -> {
                start(container);
                stopInBackground(container);
            }
            case STOPPED -> end(container);
            case EXITED -> {
                end(container);
                container.cleanup();
            }
            case UNKNOWN -> Files.write(stateFile(container), new byte[] {0});
            case REMOVING -> writeStatus(container, "REMOVING");
        }
        if (status != ContainerStatus.UNKNOWN) {
            assertThat(container.state().status()).isEqualTo(status);
        }
        return container;
    }

    private static void start(Container container) {
        container.start();
        Awaitility.await().pollInterval(Duration.ofMillis(5)).until(() -> Files.exists(inside(container, "run/ready")));
    }

    private static void end(Container container) throws IOException {
        start(container);
        Files.createFile(inside(container, "run/end"));
        container.waitFor(Set.of(ContainerStatus.STOPPED), Duration.ofMillis(5));
    }

    private static Path inside(Container container, String path) {
        return Path.of("/proc/" + container.state().pid() + "/root/" + path);
    }

    private void stopInBackground(Container container) {
        Thread stop = new Thread(() -> {
            try {
                container.stop(Optional.of(LONG));
            } catch (EngineException removedMeanwhile) {
                assertThat(removedMeanwhile.code()).isEqualTo(EngineException.Code.NO_SUCH_CONTAINER);
            }
        });
        stop.start();
        stops.add(stop);
        container.waitFor(Set.of(ContainerStatus.STOPPING), Duration.ofMillis(5));
    }

    private Path stateFile(Container container) {
        return root.root().resolve("containers/" + container.id() + "/state.json");
    }

    /** As a process that was killed would leave it. */
    private void writeStatus(Container container, String status) throws IOException {
        String state = Files.readString(stateFile(container), StandardCharsets.UTF_8);
        Files.writeString(stateFile(container), state.replaceFirst("\\{", "{\"status\":\"" + status + "\","));
    }
}

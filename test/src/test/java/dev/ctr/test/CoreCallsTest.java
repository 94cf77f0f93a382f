package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerState;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Batches, refreshing, waiting for states, and what the restart policy says. */
class CoreCallsTest {
    private static final Optional<Duration> AT_ONCE = Optional.of(Duration.ZERO);
    private static final int SIGKILL = 9;

    private final CtrRoot root = CtrRoot.create();
    private final Engine engine = root.engine(List.of());

    @BeforeEach
    void layOutRootfs() {
        Busybox.layOut(root.directory().resolve("rootfs"));
    }

    @AfterEach
    void close() {
        try (root) {
            engine.containers().forEach(container -> container.remove(true, true, AT_ONCE));
        }
    }

    private Container create(String restartPolicy) {
        return engine.create(CreateOptions.fromRootfs(root.directory().resolve("rootfs"), true)
                .network("none")
                .restartPolicy(restartPolicy, 0)
                .command(List.of("sleep", "1000")));
    }

    @Test
    void nobodyComesBetweenTheCallsOfABatch() throws Exception {
        Container container = create("no");
        CompletableFuture<Void> other = container.batch(batched -> {
            batched.start();
            CompletableFuture<Void> pause = CompletableFuture.runAsync(container::pause);
            assertThatThrownBy(() -> pause.get(300, TimeUnit.MILLISECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);
            assertThat(batched.state().status()).isEqualTo(ContainerStatus.RUNNING);
            return pause;
        });

        other.get(10, TimeUnit.SECONDS);
        assertThat(container.state().status()).isEqualTo(ContainerStatus.PAUSED);
    }

    @Test
    void theContainerOfABatchEndsWithIt() {
        Container container = create("no");
        Container batched = container.batch(inside -> inside);

        assertThatThrownBy(batched::state).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> container.batch(
                        inside -> CompletableFuture.supplyAsync(inside::state).join()))
                .hasCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void aBatchSavesWhatItDid() throws Exception {
        Container container = create("no");
        container.batch(batched -> {
            batched.start();
            batched.stop(AT_ONCE);
            batched.rename("renamed");
            return true;
        });

        assertThat(container.state().status()).isEqualTo(ContainerStatus.EXITED);
        assertThat(engine.container("renamed").id()).isEqualTo(container.id());
    }

    @Test
    void refreshBringsAContainerBackIntoItsState() {
        Container container = create("no");
        container.start();
        container.pause();
        ContainerState before = container.state();

        container.refresh();

        assertThat(container.state().status()).isEqualTo(ContainerStatus.PAUSED);
        assertThat(container.state().pid()).isNotEqualTo(before.pid());
        container.unpause();
    }

    @Test
    void aDamagedStateIsMadeGoodWhileTheProgramRuns() throws Exception {
        Container container = create("no");
        container.start();
        long pid = container.state().pid();
        Files.writeString(root.root().resolve("containers/" + container.id() + "/state.json"), "{\"status\":");

        assertThat(container.state().status()).isEqualTo(ContainerStatus.RUNNING);
        assertThat(container.state().pid()).isEqualTo(pid);
        container.stop(AT_ONCE);
        assertThat(container.state().exitCode()).isEqualTo(137);
    }

    @Test
    void waitingForRemovalEndsWithIt() throws Exception {
        Container container = create("no");
        CompletableFuture<Integer> waiting = CompletableFuture.supplyAsync(
                () -> container.waitFor(Set.of(ContainerStatus.REMOVING), Duration.ofMillis(5)));
        container.remove(false, true);

        assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo(-1);
    }

    @Test
    void waitingEndsWhenTheThreadIsInterrupted() throws Exception {
        Container container = create("no");
        CompletableFuture<EngineException.Code> ended = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                container.waitFor(Set.of(ContainerStatus.RUNNING), Duration.ofSeconds(100));
            } catch (EngineException e) {
                ended.complete(e.code());
            }
        });
        thread.start();
        thread.interrupt();

        assertThat(ended.get(10, TimeUnit.SECONDS)).isEqualTo(EngineException.Code.CANCELLED);
    }

    @Test
    void onlySomebodysWishKeepsAContainerFromStartingAtBoot() {
        Container container = create("unless-stopped");
        assertThat(container.shouldStartOnBoot()).isFalse();
        container.start();
        assertThat(container.shouldStartOnBoot()).isTrue();

        container.stopService(AT_ONCE);
        assertThat(container.shouldStartOnBoot()).isTrue();
        assertThat(container.shouldRestart()).isFalse();

        container.start();
        container.stop(AT_ONCE);
        assertThat(container.shouldStartOnBoot()).isFalse();
    }

    @Test
    void aContainerThatSomebodyKillsIsNotStartedAgain() {
        Container container = create("always");
        container.start();
        container.kill(SIGKILL);

        assertThat(container.state().status()).isEqualTo(ContainerStatus.STOPPED);
        assertThat(container.shouldRestart()).isFalse();
        container.cleanup();
        assertThat(container.state().status()).isEqualTo(ContainerStatus.EXITED);
    }

    @Test
    void restartGivesTheProgramAnotherProcess() {
        Container container = create("no");
        container.start();
        long pid = container.state().pid();

        container.restart(AT_ONCE);

        assertThat(container.state().status()).isEqualTo(ContainerStatus.RUNNING);
        assertThat(container.state().pid()).isNotEqualTo(pid);
        assertThat(Path.of("/proc/" + pid)).doesNotExist();
    }
}

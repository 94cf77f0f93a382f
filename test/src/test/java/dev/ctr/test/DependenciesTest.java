package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Containers that need others: what is started with them, what is kept for them. */
@Timeout(value = 4, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class DependenciesTest {
    private static final Optional<Duration> AT_ONCE = Optional.of(Duration.ZERO);
    private final CtrRoot root = CtrRoot.create();
    private final Engine engine = root.engine();

    @BeforeEach
    void importBusybox() {
        root.withBusybox();
    }

    @AfterEach
    void nothingIsLeft() {
        root.close();
    }

    private Container created(String name, String... required) {
        CreateOptions options = CreateOptions.fromImage("bb")
                .name(name)
                .network("none")
                .stopTimeout(Duration.ZERO)
                .command(List.of("sleep", "1000"));
        for (String other : required) {
            options.requires(other);
        }
        return engine.create(options);
    }

    private static ContainerStatus status(Container container) {
        return container.state().status();
    }

    @Test
    void whatIsNeededIsStartedFirstAndKept() {
        Container a = created("a");
        Container b = created("b", "a");
        String id = root.ctr("create", "--name", "c", "--network", "none", "--requires", "a,b", "bb", "sleep", "1000");
        Container c = engine.container("c");

        assertThat(root.run("init", "c").failedWith(125))
                .isEqualTo("Error: some dependencies of container " + id + " are not started: " + a.id() + ", " + b.id()
                        + ": container state improper");
        assertThatThrownBy(() -> c.start(false)).hasMessageContaining("are not started");
        assertThat(status(c)).isEqualTo(ContainerStatus.CONFIGURED);

        assertThat(root.ctr("start", "c")).isEqualTo("c");
        assertThat(List.of(status(a), status(b), status(c))).containsOnly(ContainerStatus.RUNNING);
        assertThat(a.state().startedAt().orElseThrow())
                .isBefore(b.state().startedAt().orElseThrow());

        assertThat(root.run("rm", "-f", "a").failedWith(125))
                .isEqualTo("Error: container " + a.id() + " has dependent containers which must be removed before it: "
                        + b.id() + ", " + c.id() + ": container already exists");
        assertThat(status(a)).isEqualTo(ContainerStatus.RUNNING);
        a.stop(AT_ONCE);
        assertThatThrownBy(() -> c.init()).isInstanceOf(EngineException.class);

        assertThat(root.ctr("rm", "--depend", "-f", "-t", "0", "a").lines())
                .containsExactly(id, b.id().hex(), a.id().hex());
        assertThat(engine.containers()).isEmpty();
    }

    @Test
    void anUnknownDependencyIsRefused() {
        assertThat(root.run("create", "--requires", "nosuch", "bb", "true").failedWith(125))
                .isEqualTo(
                        "Error: \"nosuch\" is not a valid container, cannot be used as a dependency: no container with"
                                + " name or ID \"nosuch\" found: no such container");
        assertThatThrownBy(() -> created("itself", "itself")).hasMessageContaining("is not a valid container");
        assertThat(engine.containers()).isEmpty();
    }

    @Test
    void aDependencyThatCannotStartIsNamed() {
        Container broken = engine.create(
                CreateOptions.fromImage("bb").name("broken").network("none").command(List.of("/nonexistent")));
        Container needing = created("needing", "broken");
        assertThatThrownBy(needing::start)
                .hasMessageStartingWith(
                        "cannot start container " + broken.id() + ", on which " + needing.id() + " depends");
        assertThat(status(needing)).isEqualTo(ContainerStatus.CONFIGURED);
    }

    @Test
    void aNewDependentAndARemovalNeverBothSucceed() throws Exception {
        for (int round = 0; round < 10; round++) {
            Container needed = created("needed");
            CompletableFuture<Void> removal = CompletableFuture.runAsync(() -> needed.remove(false, true));
            CompletableFuture<Container> creation = CompletableFuture.supplyAsync(() -> created("dependent", "needed"));
            boolean removed =
                    removal.handle((nothing, failure) -> failure == null).get(30, TimeUnit.SECONDS);
            boolean created =
                    creation.handle((nothing, failure) -> failure == null).get(30, TimeUnit.SECONDS);
            assertThat(removed && created).as("round " + round).isFalse();
            root.ctr("rm", "-f", "-a", "-t", "0");
            assertThat(engine.containers()).isEmpty();
        }
    }

    @Test
    void manyProcessesStartAndStopAGraphWithoutWaitingForEachOther() throws Exception {
        created("a");
        created("b", "a");
        created("c", "a");
        created("d", "b", "c");
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String name = List.of("d", "b", "c", "a").get(i % 4);
            String[] words = i % 3 == 2 ? new String[] {"stop", "-t", "0", name} : new String[] {"start", name};
            processes.add(new ProcessBuilder(root.command(words))
                    .redirectErrorStream(true)
                    .redirectOutput(root.directory().resolve("out-" + i).toFile())
                    .start());
        }
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Container container = engine.container(List.of("a", "b", "c", "d").get(i));
            threads.add(CompletableFuture.runAsync(() -> {
                try {
                    container.start();
                    container.stop(AT_ONCE);
                } catch (EngineException somebodyElseWasFaster) {
                    assertThat(somebodyElseWasFaster.getMessage()).isNotEmpty();
                }
            }));
        }
        for (Process process : processes) {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        }
        for (CompletableFuture<Void> thread : threads) {
            thread.get(120, TimeUnit.SECONDS);
        }
        Container last = engine.container("d");
        last.start();
        for (String name : List.of("a", "b", "c", "d")) {
            assertThat(status(engine.container(name))).as(name).isEqualTo(ContainerStatus.RUNNING);
        }
    }
}

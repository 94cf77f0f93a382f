package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ctr.archive.Compression;
import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.criu.linux.Processes;
import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerId;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.HandOver;
import dev.ctr.lifecycle.HandOver.Outcome;
import dev.ctr.lifecycle.HandOverOptions;
import dev.ctr.lifecycle.Progress;
import dev.ctr.lifecycle.RestoreOptions;
import dev.ctr.lifecycle.TakeOver;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * CRIU, runc, conmon or the container's program is killed with SIGKILL at the steps of a checkpoint, a restore and a hand-over. The
 * container goes on, or one command brings it back, with the connection of its client.
 */
class VictimTest {
    private static final boolean ALL = Boolean.getBoolean("ctr.migration.all");
    private static final int SIGKILL = 9;
    private static final int SIGSTOP = 19;

    @AutoClose
    private RedisHosts hosts;

    private TestHost a;
    private TestHost b;

    @BeforeEach
    void makeHosts() throws IOException {
        hosts = RedisHosts.make();
        a = hosts.a();
        b = hosts.b();
    }

    private static List<Victim> victims(Victim... usual) {
        return ALL ? List.of(Victim.values()) : List.of(usual);
    }

    @Test
    void aCheckpointWhoseHelpersDieLeavesTheContainerRunningOrRestorable() throws Exception {
        hosts.start();
        for (Victim victim : victims(Victim.CRIU, Victim.RUNC)) {
            Accident accident = new Accident(a, id(), victim);
            attempt(victim, a, () -> redis(a).checkpoint(accident.whenFrozen()));
            requireAnswers();
            if (ALL) {
                attempt(
                        victim,
                        a,
                        () -> redis(a).checkpoint(checkpointing()
                                .progress(accident.at("dump"))
                                .exportTo(OutputStream.nullOutputStream())));
                requireAnswers();
            }
        }
    }

    /** The container answers, after a restore or another start if it has ended. */
    private void requireAnswers() throws Exception {
        ContainerStatus status = synced(a);
        if (status != ContainerStatus.RUNNING) {
            a.call(() -> {
                if (redis(a).state().checkpointed()) {
                    redis(a).restore(restoring());
                } else {
                    redis(a).start();
                }
                return a;
            });
        }
        try (Counting client = hosts.count(hosts.address(), Redis.PORT, "key" + System.nanoTime())) {
            client.awaitMore();
        }
    }

    @Test
    void aSourceWhoseHelpersDieGoesOnOrIsRestorable() throws Exception {
        try (Counting client = hosts.startRedis()) {
            for (Victim victim : victims(Victim.CRIU)) {
                if (victim == Victim.PROGRAM) {
                    continue;
                }
                Accident accident = new Accident(a, id(), victim);
                // A container has one conmon, and none any more after the first of these steps.
                for (Step step : victim == Victim.CONMON ? List.of(Step.HELD) : List.of(Step.values())) {
                    attempt(
                            victim,
                            a,
                            () -> redis(a).handOver(handingOver(), new Nowhere(accident, step, Outcome.NEVER_RAN)));
                    requireGoesOn(a, client);
                }
            }
            client.giveUp();
        }
        Accident death = new Accident(a, id(), Victim.PROGRAM);
        attempt(
                Victim.PROGRAM,
                a,
                () -> redis(a).handOver(handingOver(), new Nowhere(death, Step.HELD, Outcome.NEVER_RAN)));
        a.call(() -> {
            redis(a).start();
            return a;
        });
        assertThat(redis(a).state().status()).isEqualTo(ContainerStatus.RUNNING);

        if (ALL) {
            Accident orphaned = new Accident(a, id(), Victim.CONMON);
            attempt(
                    Victim.CONMON,
                    a,
                    () -> redis(a).handOver(handingOver(), new Nowhere(orphaned, Step.GIVEN, Outcome.NEVER_RAN)));
            assertThat(synced(a)).isEqualTo(ContainerStatus.RUNNING);
        }
        Accident accident = new Accident(a, id(), Victim.RUNC);
        a.call(() -> redis(a).handOver(handingOver(), new Nowhere(accident, Step.GIVEN, Outcome.RUNS)));
        assertThat(a.engine().containers()).isEmpty();
        assertThat(a.leftovers()).isEmpty();
    }

    @Test
    void aTargetWhoseHelpersDieHasNothingAndTakesTheContainerNextTime() throws Exception {
        Path archive = a.root().directory().resolve("archive");
        try (Counting client = hosts.startRedis()) {
            ContainerId id = moveInto(archive, client);
            for (Victim victim : List.of(Victim.CRIU, Victim.CONMON, Victim.RUNC)) {
                Accident accident = new Accident(b, id, victim);
                assertThatThrownBy(() ->
                                b.call(() -> take(new Arrival("held", archive, accident::happen), Progress.NONE)))
                        .isInstanceOfAny(EngineException.class, IOException.class);
                requireNothing(b, "held");
                if (ALL) {
                    attempt(victim, b, () -> take(new Arrival("restoring", archive, () -> {}), accident.at("restore")));
                    removeIfThere();
                    attempt(victim, b, () -> {
                        try (InputStream in = Files.newInputStream(archive)) {
                            return b.engine().restore(in, restoring().progress(accident.at("restore")));
                        }
                    });
                    removeIfThere();
                }
            }
            b.call(() -> take(new Arrival("last", archive, () -> {}), Progress.NONE));
            requireGoesOn(b, client);
        }
    }

    /** Makes an archive of the Redis on the first host, which is no more there then. */
    private ContainerId moveInto(Path archive, Counting client) throws Exception {
        client.awaitMore();
        ContainerId id = id();
        a.call(() -> redis(a).checkpoint(checkpointing().exportTo(archive)));
        redis(a).remove(true, true);
        return id;
    }

    /** What a killed CRIU had forked waits for it for ever, and the runtime for them. */
    @Test
    @EnabledIfSystemProperty(named = "ctr.migration.all", matches = "true")
    void aRestoreThatWaitsForADeadCriuIsUndone() throws Exception {
        Path archive = a.root().directory().resolve("archive");
        try (Counting client = hosts.startRedis()) {
            ContainerId id = moveInto(archive, client);
            Progress accident = (phase, done, expected) -> {
                if (phase.equals("restore")) {
                    new Thread(() -> killCriuAtWork(id), "accident").start();
                }
            };
            assertThatThrownBy(() -> b.call(() -> take(new Arrival("early", archive, () -> {}), accident)))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("cannot restore redis");
            requireNothing(b, "early");
            b.call(() -> take(new Arrival("last", archive, () -> {}), Progress.NONE));
            requireGoesOn(b, client);
        }
    }

    /**
     * Kills CRIU as soon as the runtime has what is to become the container besides, and stops that, which waits for CRIU for ever
     * anyway and may or may not keep open what the runtime waits at.
     */
    private void killCriuAtWork(ContainerId id) {
        try {
            await().until(() -> Victim.RUNC.find(b, id).isPresent());
            long runc = Victim.RUNC.find(b, id).orElseThrow().pid();
            List<ProcessIdentity> children = List.of();
            while (children.size() < 2) {
                children = Processes.children(runc);
            }
            ProcessIdentity criu = Collections.min(children, Comparator.comparing(ProcessIdentity::pid));
            for (ProcessIdentity child : children) {
                Processes.kill(child, child.equals(criu) ? SIGKILL : SIGSTOP);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** conmon waits for ever for the last words of a runtime whose container runs. */
    @Test
    @EnabledIfSystemProperty(named = "ctr.migration.all", matches = "true")
    void aContainerWhoseRuntimeDiesWhenItMayRunGoesOn() throws Exception {
        Path archive = a.root().directory().resolve("archive");
        try (Counting client = hosts.startRedis()) {
            ContainerId id = moveInto(archive, client);
            b.call(() -> take(
                    new Arrival("granted", archive, () -> Victim.RUNC.killWhenGranted(b, id, "granted")),
                    Progress.NONE));
            assertThat(Victim.RUNC.find(b, id)).isEmpty();
            assertThat(Victim.CONMON.find(b, id).filter(ProcessIdentity::isAlive))
                    .isEmpty();
            requireGoesOn(b, client);
        }
    }

    /** Not reproducible to the last packet, so an accident that came too late has left a container, which must be whole. */
    private void removeIfThere() throws Exception {
        boolean there = false;
        for (Container container : b.engine().containers()) {
            there |= isThere(container);
        }
        if (there) {
            assertThat(redis(b).state().status()).isNotEqualTo(ContainerStatus.PAUSED);
            b.call(() -> {
                redis(b).remove(true, true);
                return b;
            });
        }
        requireNothing(b, "restoring");
    }

    private boolean isThere(Container container) throws IOException, InterruptedException {
        try {
            b.call(() -> {
                container.sync();
                return container;
            });
            return true;
        } catch (EngineException e) {
            assertThat(e.code()).isEqualTo(EngineException.Code.NO_SUCH_CONTAINER);
            return false;
        }
    }

    private static void requireNothing(TestHost host, String token) throws IOException {
        assertThat(host.engine().containers()).isEmpty();
        host.engine().forgetTaken(token);
        assertThat(host.leftovers()).isEmpty();
        assertThat(host.sh("ip -br link")).doesNotContain("ctrh");
    }

    /** The container runs, or does after a restore, and the client counts on. */
    private static void requireGoesOn(TestHost host, Counting client) throws Exception {
        ContainerStatus status = synced(host);
        if (status != ContainerStatus.RUNNING) {
            assertThat(status).isIn(ContainerStatus.EXITED, ContainerStatus.STOPPED);
            host.call(() -> redis(host).restore(restoring()));
        }
        assertThat(redis(host).state().pending()).isEmpty();
        client.awaitMore();
    }

    private static ContainerStatus synced(TestHost host) throws IOException, InterruptedException {
        return host.call(() -> {
            redis(host).sync();
            return redis(host).state().status();
        });
    }

    /** Does something that an accident may or may not keep from ending well. */
    private static void attempt(Victim victim, TestHost host, Callable<?> call)
            throws IOException, InterruptedException {
        try {
            System.out.println(victim + " killed: " + host.call(call));
        } catch (EngineException e) {
            System.out.println(victim + " killed: " + e.getMessage());
        }
    }

    private Object take(TakeOver takeOver, Progress progress) {
        return b.engine().takeOver(restoring().progress(progress), takeOver);
    }

    private ContainerId id() {
        return redis(a).id();
    }

    private static Container redis(TestHost host) {
        return RedisHosts.redis(host);
    }

    private static CheckpointOptions checkpointing() {
        return new CheckpointOptions().tcpEstablished(true);
    }

    private static RestoreOptions restoring() {
        return new RestoreOptions().tcpEstablished(true);
    }

    private static HandOverOptions handingOver() {
        return new HandOverOptions("victim", checkpointing(), true);
    }

    /** An archive that is taken over from a file; something happens when the container is held. */
    private record Arrival(String token, Path file, Runnable then) implements TakeOver {
        @Override
        public InputStream archive() throws IOException {
            return Files.newInputStream(file);
        }

        @Override
        public void held(ContainerId id) {
            then.run();
        }
    }

    /** When it happens on the source. */
    private enum Step {
        /** The tasks are frozen, and nobody has been told. */
        HELD,
        /** The container was given away. */
        GIVEN
    }

    /** What befalls one process of a container. */
    private record Accident(TestHost host, ContainerId id, Victim victim) {
        void happen() {
            victim.kill(host, id);
        }

        /** As soon as there is such a process after a phase has begun. */
        Progress at(String phase) {
            return (begun, done, expected) -> {
                if (begun.equals(phase)) {
                    new Thread(this::happen, "accident").start();
                }
            };
        }

        /** When the tasks are frozen and all of them is in CRIU images. */
        CheckpointOptions whenFrozen() {
            AtomicBoolean dumping = new AtomicBoolean();
            Path inventory = host.root().root().resolve("containers/" + id + "/bundle/checkpoint/inventory.img");
            OutputStream archive = new FilterOutputStream(OutputStream.nullOutputStream()) {
                @Override
                public void write(byte[] bytes, int offset, int length) {
                    if (dumping.getAndSet(false)) {
                        await().until(() -> Files.exists(inventory));
                        happen();
                    }
                }
            };
            return checkpointing()
                    .compression(Compression.NONE)
                    .exportTo(archive)
                    .progress((phase, done, expected) -> dumping.compareAndSet(false, phase.equals("dump")));
        }
    }

    /** A hand-over to nobody. */
    private record Nowhere(Accident accident, Step step, Outcome outcome) implements HandOver {
        @Override
        public OutputStream archive() {
            return OutputStream.nullOutputStream();
        }

        @Override
        public void awaitHeld() throws IOException {
            if (step == Step.HELD) {
                accident.happen();
                throw new IOException("called off");
            }
        }

        @Override
        public Outcome commit() {
            accident.happen();
            return outcome;
        }
    }
}

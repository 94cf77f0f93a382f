package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ctr.lifecycle.CgroupManager;
import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.EngineOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Kills {@code ctr} with SIGKILL at random points of its verbs. Whatever is left, the next command reads the store, and the
 * name can be removed and used again. Repeat a failure with {@code -Dctr.crash.seed=SEED}; {@code -Dctr.crash.rounds=N}
 * changes how often.
 */
@Isolated
class CrashTest {
    private static final String NAME = "victim";
    private static final int ROUNDS = Integer.getInteger("ctr.crash.rounds", 6);
    private static final List<String> COUNTER =
            List.of("sh", "-c", "i=0; while true; do i=$((i+1)); echo count $i; sleep 0.05; done");

    /** What is killed. */
    private enum Verb {
        CREATE,
        START,
        CHECKPOINT,
        EXPORT,
        RESTORE,
        IMPORT,
        RM
    }

    /** How long each verb takes when it is left alone, learnt on the way. */
    private final Map<Verb, Long> millis = new EnumMap<>(Verb.class);

    private record World(CtrRoot root, Engine engine, Path archive) {
        Container container() {
            return engine.container(NAME);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void theStoreCanBeReadAndTheNameUsedAfterEveryKill(long seed) throws Exception {
        long chosen = Long.getLong("ctr.crash.seed", seed);
        Random random = new Random(chosen);
        try (CtrRoot root = CtrRoot.create().withBusybox()) {
            World world = world(root);
            for (int round = 0; round < ROUNDS; round++) {
                Verb verb = Verb.values()[round % Verb.values().length];
                boolean bridge = random.nextInt(4) == 0;
                long delay = killAtRandom(world, verb, bridge, random);
                try {
                    assertUsable(world, random.nextInt(10) == 0);
                } catch (AssertionError | EngineException e) {
                    throw new AssertionError(
                            "seed " + chosen + ", round " + round + ": " + verb + " killed after " + delay + " ms", e);
                }
            }
        }
    }

    private static World world(CtrRoot root) throws IOException {
        EngineOptions options = new EngineOptions(
                root.root(),
                root.runRoot(),
                "runc",
                CgroupManager.CGROUPFS,
                root.cgroupParent(),
                List.of(CtrRoot.launcher().toString()));
        World world = new World(root, Engine.open(options), root.directory().resolve("archive"));
        Container container = create(world, false);
        container.start();
        container.checkpoint(new CheckpointOptions().exportTo(world.archive()));
        container.remove(true, true);
        return world;
    }

    private static Container create(World world, boolean bridge) {
        return world.engine()
                .create(CreateOptions.fromImage("bb")
                        .name(NAME)
                        .network(bridge ? "bridge" : "none")
                        .command(COUNTER));
    }

    /** Brings the container to where the verb can begin, begins it, and kills it. */
    private long killAtRandom(World world, Verb verb, boolean bridge, Random random) throws Exception {
        List<String> command = prepare(world, verb, bridge);
        Path output = world.root().directory().resolve("output");
        long begin = System.nanoTime();
        Process process = Commands.start(Map.of(), command, output, output);
        if (!millis.containsKey(verb)) {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(output)).isZero();
            millis.put(verb, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
            return -1;
        }
        // The first fifth is the start of the JVM, which touches nothing.
        long whole = millis.get(verb);
        long delay = whole / 5 + random.nextLong(whole);
        process.waitFor(delay, TimeUnit.MILLISECONDS);
        process.destroyForcibly().waitFor();
        return delay;
    }

    private static List<String> prepare(World world, Verb verb, boolean bridge) {
        CtrRoot root = world.root();
        switch (verb) {
            case CREATE -> {
                return root.command(
                        "create", "--name", NAME, "--network", bridge ? "bridge" : "none", "bb", "sleep", "9");
            }
            case START -> {
                create(world, bridge);
                return root.command("start", NAME);
            }
            case CHECKPOINT -> {
                create(world, bridge).start();
                return root.command("checkpoint", NAME);
            }
            case EXPORT -> {
                create(world, bridge).start();
                return root.command(
                        "checkpoint", "-e", root.directory().resolve("exported").toString(), NAME);
            }
            case RESTORE -> {
                Container container = create(world, bridge);
                container.start();
                container.checkpoint(new CheckpointOptions());
                return root.command("restore", NAME);
            }
            case IMPORT -> {
                return root.command("restore", "-i", world.archive().toString());
            }
            case RM -> {
                create(world, bridge).start();
                return root.command("rm", "-f", "-t", "0", NAME);
            }
        }
        throw new IllegalStateException();
    }

    private static void assertUsable(World world, boolean byCommandLine) {
        if (byCommandLine) {
            world.root().ctr("ps", "-a");
        }
        for (Container container : world.engine().containers()) {
            container.config();
            container.state();
        }
        removeIfPresent(world);
        assertThat(world.engine().containers()).isEmpty();
        create(world, false);
        world.container().start();
        assertThat(world.container().state().status()).isEqualTo(ContainerStatus.RUNNING);
        world.container().remove(true, true, Optional.of(Duration.ZERO));
        assertThat(world.root().leftovers()).isEmpty();
    }

    private static void removeIfPresent(World world) {
        try {
            world.container().remove(true, true, Optional.of(Duration.ZERO));
        } catch (EngineException e) {
            if (e.code() != EngineException.Code.NO_SUCH_CONTAINER) {
                throw e;
            }
        }
    }
}

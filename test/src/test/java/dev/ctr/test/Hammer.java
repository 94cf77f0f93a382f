package dev.ctr.test;

import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerState;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.CopyOptions;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.ExecOptions;
import dev.ctr.lifecycle.ResourceOptions;
import dev.ctr.lifecycle.RestoreOptions;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;

/** Makes one random call after another for some time. What a call may be refused with is expected, everything else is not. */
final class Hammer implements Callable<Integer> {
    static final String NAME = "hammered";

    private static final int SIGUSR1 = 10;
    private static final Optional<Duration> AT_ONCE = Optional.of(Duration.ZERO);
    private static final Set<EngineException.Code> EXPECTED = EnumSet.of(
            EngineException.Code.STATE_IMPROPER,
            EngineException.Code.NO_SUCH_CONTAINER,
            EngineException.Code.NO_SUCH_EXEC_SESSION,
            EngineException.Code.ALREADY_EXISTS,
            EngineException.Code.IN_USE);

    private final Engine engine;
    private final Path rootfs;
    private final Random random;
    private final Duration time;

    Hammer(Engine engine, Path rootfs, long seed, Duration time) {
        this.engine = engine;
        this.rootfs = rootfs;
        this.random = new Random(seed);
        this.time = time;
    }

    /** The process: arguments are the test root's directory, the root file system, the seed and the seconds. */
    public static void main(String[] arguments) {
        CtrRoot root = CtrRoot.at(Path.of(arguments[0]));
        new Hammer(
                        root.engine(List.of(CtrRoot.launcher().toString())),
                        Path.of(arguments[1]),
                        Long.parseLong(arguments[2]),
                        Duration.ofSeconds(Long.parseLong(arguments[3])))
                .call();
    }

    /** Returns how many calls it made. */
    @Override
    public Integer call() {
        long end = System.nanoTime() + time.toNanos();
        int calls = 0;
        for (; System.nanoTime() < end; calls++) {
            try {
                callOnce(engine.container(NAME));
            } catch (EngineException e) {
                if (!EXPECTED.contains(e.code())) {
                    throw e;
                }
            }
        }
        return calls;
    }

    private void callOnce(Container container) {
        switch (random.nextInt(29)) {
            case 0 -> container.init();
            case 1, 2 -> container.start();
            case 3 -> container.stop(AT_ONCE);
            case 4 -> container.restart(AT_ONCE);
            case 5 -> container.kill(SIGUSR1);
            case 6 -> container.pause();
            case 7, 8 -> container.unpause();
            case 9 -> container.execDetached(new ExecOptions(List.of("true")));
            case 10 -> container.cleanup();
            case 11 -> container.checkpoint(new CheckpointOptions());
            case 12 -> container.restore(new RestoreOptions());
            case 13 -> container.inspect();
            case 14 -> container.sync();
            case 15 -> container.batch(Container::state);
            case 16 -> createAndRemove();
            case 17 -> container.mount();
            case 18 -> container.unmount(random.nextBoolean());
            case 19 -> container.stat("/bin/sh");
            case 20 -> container.copyToArchive("/etc", OutputStream.nullOutputStream());
            case 21 -> container.copyFromArchive("/tmp", new ByteArrayInputStream(new byte[1024]), CopyOptions.DEFAULT);
            case 22 -> container.diff();
            case 23 -> container.top(List.of());
            case 24 -> container.update(new ResourceOptions().pidsLimit(100 + random.nextInt(100)));
            case 25 -> container.execRemove(container.execCreate(new ExecOptions(List.of("true"))), true);
            case 26 -> container.waitFor(EnumSet.allOf(ContainerStatus.class), Duration.ofMillis(1));
            case 27 -> container.rwSize();
            default -> engine.containers().forEach(Hammer::look);
        }
    }

    private void createAndRemove() {
        CreateOptions options =
                CreateOptions.fromRootfs(rootfs, true).network("none").command(List.of("true"));
        if (random.nextBoolean()) {
            options.name("other" + random.nextInt(3));
        }
        Container other = engine.create(options);
        if (random.nextBoolean()) {
            other.start();
        }
        other.remove(true, true, AT_ONCE);
    }

    private static void look(Container container) {
        ContainerState state = container.state();
        if (state.pid() < 0) {
            throw new IllegalStateException("process number " + state.pid());
        }
    }
}

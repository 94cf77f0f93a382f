package dev.ctr.lifecycle;

import dev.ctr.criu.CriuConfigurationFile;
import dev.ctr.criu.Gate;
import dev.ctr.criu.GateScript;
import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.lifecycle.network.BridgePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;

/**
 * Restores a container and holds it until the caller lets it run. It is held at CRIU's {@code post-restore}: everything is
 * restored and nothing has run. The right to run is on the disk before the gate opens, and a gate whose process is gone opens if,
 * and only if, it is there.
 */
final class TakingOver {
    private final TakeOver takeOver;
    private final Grants grants;
    private boolean granted;
    private Optional<Instant> resumed = Optional.empty();

    TakingOver(EngineContext engine, TakeOver takeOver) {
        HandOverOptions.requireToken(takeOver.token());
        this.takeOver = takeOver;
        this.grants = new Grants(engine.options().root());
    }

    String token() {
        return takeOver.token();
    }

    /** Whether the container has the right to run: it is this host's, and must not be undone. */
    boolean isGranted() {
        return granted;
    }

    /** When the tasks went on, if that is known. */
    Optional<Instant> resumed() {
        return resumed;
    }

    /** Made when the tasks go on: its time tells when that was. */
    static Path resumedMark(ContainerPaths paths) {
        return paths.runDirectory().resolve("resumed");
    }

    /**
     * Restores and holds.
     *
     * @param criu what CRIU is told otherwise
     * @param pausing what CRIU runs besides, if the container is to be paused
     * @param restore has the runtime restore the container, and returns its first process's number
     */
    long restore(LockedContainer container, CriuConfigurationFile criu, Optional<Path> pausing, LongSupplier restore)
            throws IOException, InterruptedException {
        ContainerPaths paths = container.paths();
        Files.deleteIfExists(resumedMark(paths));
        CompletableFuture<Void> saved = Background.run(
                "sync", () -> HandingOver.sync(container.engine().options().root()));
        try (Gate gate = Gate.open(paths.runDirectory().resolve("gate"), script(container, pausing))) {
            criu.with("action-script", gate.script().toString()).write(BundleSpec.criuConfiguration(paths));
            CompletableFuture<Long> restoring = Background.call("restore", restore::getAsLong);
            gate.awaitReached(restoring);
            CompletableFuture<List<ProcessIdentity>> members = Background.call("members", () -> members(container));
            try {
                saved.join();
                takeOver.held(container.config().id());
                requireHeld(container, gate, restoring, members.join());
                grants.write(takeOver.token(), container.config().id());
                granted = true;
            } catch (IOException | RuntimeException | InterruptedException e) {
                Undo.after(e, () -> grants.delete(takeOver.token()), gate::refuse);
                restoring.exceptionally(refused -> 0L).join();
                Undo.after(e, gate::awaitEnd);
                throw e;
            }
            gate.pass();
            long pid = orCutOff(container, restoring);
            if (Files.exists(resumedMark(paths))) {
                resumed = Optional.of(
                        Files.getLastModifiedTime(resumedMark(paths)).toInstant());
            }
            return pid;
        } catch (CompletionException e) {
            throw unwrapped(e);
        }
    }

    /** The processes of the container that is held, and CRIU's, which is in its cgroup with them. */
    private static List<ProcessIdentity> members(LockedContainer container) {
        try {
            return container.engine().cgroup(container.config()).processes().stream()
                    .map(ProcessIdentity::of)
                    .flatMap(Optional::stream)
                    .filter(ProcessIdentity::isAlive)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives no right to run to a container that is no more, so that the other host may let its own go on. */
    private static void requireHeld(
            LockedContainer container, Gate gate, CompletableFuture<Long> restoring, List<ProcessIdentity> members)
            throws IOException {
        if (restoring.isDone()) {
            restoring.join();
        }
        Optional<ProcessIdentity> conmon =
                ProcessIdentity.of(container.conmonPid()).filter(ProcessIdentity::isAlive);
        // conmon waits for ever for the word of a runtime that was killed, if the container runs.
        boolean hasRuntime = gate.starter()
                .filter(ProcessIdentity::isAlive)
                .filter(starter -> !conmon.equals(Optional.of(starter)))
                .isPresent();
        if (conmon.isEmpty() || !hasRuntime || !gate.isHeld()) {
            throw new IOException(
                    "what held the restored container was killed before the container had the right to run");
        }
        if (!members.stream().allMatch(ProcessIdentity::isAlive)) {
            throw new IOException("a restored process was killed before the container had the right to run");
        }
    }

    private static RuntimeException unwrapped(CompletionException e) throws IOException {
        if (e.getCause() instanceof UncheckedIOException failure) {
            throw failure.getCause();
        }
        return e.getCause() instanceof RuntimeException failure ? failure : e;
    }

    /** A container that could not run after all is cut off at once: its peers are to wait, and not to hear from a host without it. */
    private static long orCutOff(LockedContainer container, CompletableFuture<Long> restoring)
            throws IOException, InterruptedException {
        try {
            return restoring.join();
        } catch (CompletionException e) {
            BridgePorts.run(ports(container).cutOffCommands());
            throw e;
        }
    }

    private static BridgePorts ports(LockedContainer container) {
        return container.engine().networks().ports(container.paths().networkState());
    }

    private GateScript script(LockedContainer container, Optional<Path> pausing) throws IOException {
        String grant = GateScript.quoted(grants.file(takeOver.token()).toString());
        Map<String, String> steps = new HashMap<>();
        pausing.ifPresent(script -> steps.put("pre-resume", GateScript.quoted(script.toString())));
        steps.put(
                "post-resume",
                ": >" + GateScript.quoted(resumedMark(container.paths()).toString()));
        return new GateScript(
                "post-restore",
                steps,
                "[ -e " + grant + " ]\nverdict=$?",
                ports(container).joinCommands());
    }
}

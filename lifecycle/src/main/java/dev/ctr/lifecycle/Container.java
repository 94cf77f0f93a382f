package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.lifecycle.runtime.Attachment;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One container, with the calls of libpod's Container API under the same names.
 *
 * <p>Every call takes the container's lock, which holds across threads and processes, brings the saved state up to date
 * with what conmon and the runtime report, refuses with {@link EngineException.Code#STATE_IMPROPER} what the state does
 * not allow, acts, and saves. Instances hold no state of their own and may be used by any number of threads.
 */
public final class Container {
    private static final long POLL_MILLIS = 20;
    /** What libpod reports for a container whose end nobody saw. */
    private static final int UNKNOWN_EXIT_CODE = 255;

    private final EngineContext engine;
    private final ContainerId id;

    Container(EngineContext engine, ContainerId id) {
        this.engine = engine;
        this.id = id;
    }

    /** An action on a container whose lock is held. */
    @FunctionalInterface
    interface LockedAction<T> {
        T run(LockedContainer container) throws IOException, InterruptedException;
    }

    <T> T locked(LockedAction<T> action) {
        return Calls.call("", () -> {
            try (ContainerLock ignored =
                    ContainerLock.acquire(engine.store().paths(id).lock())) {
                return action.run(LockedContainer.open(engine, id));
            }
        });
    }

    private void doLocked(LockedStep step) {
        locked(container -> {
            step.run(container);
            return true;
        });
    }

    @FunctionalInterface
    private interface LockedStep {
        void run(LockedContainer container) throws IOException, InterruptedException;
    }

    public ContainerId id() {
        return id;
    }

    public String name() {
        return config().name();
    }

    /** The configuration as it was created or last renamed. */
    public ContainerConfig config() {
        return Calls.call("", () -> engine.store().readConfiguration(id));
    }

    /** The state, brought up to date with the exit code that conmon may have left. Takes no lock and starts no process. */
    public ContainerState state() {
        return Calls.call("", () -> {
            ContainerState state = engine.store().readState(id);
            boolean lives = state.status().isAlive() || state.status() == ContainerStatus.CREATED;
            boolean sameBoot = state.bootId().equals(ProcStatus.bootId());
            if (!lives
                    || state.process()
                            .filter(process -> sameBoot && process.isAlive())
                            .isPresent()) {
                return state;
            }
            return state.ended(
                    LockedContainer.exitCode(engine.store().paths(id)).orElse(UNKNOWN_EXIT_CODE), Instant.now());
        });
    }

    /** Where the root file system is mounted while the container runs. */
    ContainerResources resources() {
        return new ContainerResources(engine, config());
    }

    /** Makes the container in the runtime without starting its program. */
    public void init() {
        doLocked(container -> new Initialization(container).initialize());
    }

    /** Starts the program, making the container in the runtime first where needed; one that runs is left alone. */
    public void start() {
        doLocked(container -> {
            container.save(container.state().withRestartCount(0));
            new Initialization(container).start();
        });
    }

    /**
     * Starts the program with its streams connected before it runs, so that no output is lost, and waits for its end. A
     * container that is to be removed on exit is removed then.
     *
     * @return the program's exit code
     */
    public int startAndAttach(AttachStreams streams) {
        return Calls.call("", () -> {
            try (ContainerLock ignored =
                    ContainerLock.acquire(engine.store().paths(id).attached())) {
                int code = startAttached(streams);
                if (config().removeOnExit()) {
                    cleanup();
                    removeUnlessCheckpointed();
                }
                return code;
            }
        });
    }

    private int startAttached(AttachStreams streams) {
        if (config().logDriver().equals(LogSettings.PASSTHROUGH)) {
            doLocked(container -> new Initialization(container).start());
            return waitForExit();
        }
        Attachment attachment = locked(container -> {
            Initialization initialization = new Initialization(container);
            if (container.state().status().canInit()) {
                initialization.initialize();
            }
            Attachment connected = Attachment.connect(container.paths().bundle());
            try {
                initialization.start();
                return connected;
            } catch (RuntimeException e) {
                Undo.after(e, connected::close);
                throw e;
            }
        });
        carry(attachment, streams);
        return waitForExit();
    }

    private static void carry(Attachment attachment, AttachStreams streams) {
        Calls.run("cannot carry the container's output", () -> {
            try (attachment;
                    AutoCloseable ignored = watchTerminal(attachment, streams)) {
                streams.input().ifPresent(attachment::carryInput);
                attachment.carryOutput(
                        streams.output().orElseGet(OutputStream::nullOutputStream),
                        streams.errors().orElseGet(OutputStream::nullOutputStream));
            }
        });
    }

    private static AutoCloseable watchTerminal(Attachment attachment, AttachStreams streams) {
        AutoCloseable nothing = () -> {};
        return streams.terminal()
                .map(terminal -> terminal.watch((rows, columns) ->
                        Calls.run("cannot resize the container's terminal", () -> attachment.resize(rows, columns))))
                .orElse(nothing);
    }

    /** Sends the stop signal, then, when the timeout (by default the container's own) has passed, SIGKILL. */
    public void stop(Optional<Duration> timeout) {
        Calls.run("", () -> new Termination(this, timeout).run());
    }

    /** Sends a signal to the first process. */
    public void kill(int signal) {
        doLocked(container -> {
            if (!container.state().status().canKill()) {
                throw container.stateImproper("can only kill running containers. " + id + " is in state "
                        + container.state().status().word());
            }
            container.runtime().kill(container.id(), signal, false);
        });
    }

    public void pause() {
        doLocked(container -> {
            ContainerStatus status = container.state().status();
            if (status == ContainerStatus.PAUSED) {
                throw container.stateImproper("\"" + id + "\" is already paused");
            }
            if (status != ContainerStatus.RUNNING) {
                throw container.stateImproper("\"" + status.word() + "\" is not running, can't pause");
            }
            container.callRuntime(
                    () -> container.runtime().pause(container.id()),
                    container.state().withStatus(ContainerStatus.PAUSED));
        });
    }

    public void unpause() {
        doLocked(container -> {
            ContainerStatus status = container.state().status();
            if (status != ContainerStatus.PAUSED) {
                throw container.stateImproper("\"" + id + "\" is not paused, can't unpause");
            }
            container.callRuntime(
                    () -> container.runtime().resume(container.id()),
                    container.state().withStatus(ContainerStatus.RUNNING));
        });
    }

    /** Waits until the container is not running, and returns its exit code. */
    public int waitForExit() {
        return Calls.call("", () -> {
            ContainerState state = state();
            while (state.status().isAlive() || state.status() == ContainerStatus.CREATED) {
                Thread.sleep(POLL_MILLIS);
                state = state();
            }
            if (state.status() == ContainerStatus.STOPPED) {
                return locked(container -> container.state().exitCode());
            }
            return state.exitCode();
        });
    }

    /**
     * Releases mounts, network and runtime state of a container that has ended, and starts it again if its restart policy
     * says so.
     */
    public void cleanup() {
        doLocked(container -> {
            ContainerStatus status = container.state().status();
            if (!status.canCleanUp()) {
                throw container.stateImproper("container " + id + " is running or paused, refusing to clean up");
            }
            if (!container.cleanUpEnded()) {
                return;
            }
            if (RestartPolicy.shouldRestart(container.config(), container.state())) {
                container.save(
                        container.state().withRestartCount(container.state().restartCount() + 1));
                new Initialization(container).start();
            }
        });
    }

    /** What conmon asks for when a container that is to be removed on exit has ended; one with a checkpoint is kept. */
    public void cleanupAndRemove() {
        cleanup();
        Calls.run("", () -> {
            Optional<ContainerLock> unattended =
                    ContainerLock.tryAcquire(engine.store().paths(id).attached());
            if (unattended.isPresent()) {
                try (ContainerLock ignored = unattended.get()) {
                    removeUnlessCheckpointed();
                }
            }
        });
    }

    private void removeUnlessCheckpointed() {
        doLocked(container -> {
            ContainerState state = container.state();
            if (!state.checkpointed() && state.status() == ContainerStatus.EXITED) {
                Removal.remove(container, true);
            }
        });
    }

    /** Forgets an exec session that has ended. */
    public void cleanupExec(String session) {
        doLocked(container -> {
            if (ExecSession.list(container.paths()).contains(session)) {
                ExecSession.of(container.paths(), session).delete();
            }
        });
    }

    /**
     * Removes the container and everything it has on this host.
     *
     * @param force stops it first if it runs, with its stop signal and timeout, and kills it if it is paused
     * @param volumes removes its anonymous volumes too
     */
    public void remove(boolean force, boolean volumes) {
        remove(force, volumes, Optional.empty());
    }

    /** As {@link #remove(boolean, boolean)}, with another timeout for the stop. */
    public void remove(boolean force, boolean volumes, Optional<Duration> timeout) {
        if (force) {
            ContainerStatus status = locked(container -> container.state().status());
            if (status == ContainerStatus.RUNNING || status == ContainerStatus.STOPPING) {
                stop(timeout);
            }
        }
        doLocked(container -> {
            ContainerStatus status = container.state().status();
            if (status.isAlive() && !force) {
                throw container.stateImproper("cannot remove container " + id + " as it is " + status.word()
                        + " - running or paused containers cannot be removed without force");
            }
            Removal.remove(container, volumes);
        });
    }

    public void rename(String newName) {
        ContainerStore.checkName(newName);
        doLocked(container -> {
            String oldName = container.config().name();
            if (oldName.equals(newName)) {
                throw new Creation(engine).nameTaken(newName);
            }
            new Creation(engine).takeName(newName, id);
            container.save(container.config().with(json -> json.put("name", newName)));
            engine.store().releaseName(oldName, id);
        });
    }

    /** Reads the log; returns at its end or, when following, when the container has ended. */
    public void logs(LogOptions options, Consumer<LogLine> sink) {
        ContainerConfig config = config();
        Calls.run("", () -> new Logs(engine, config, options).read(sink, this::hasEnded));
    }

    private boolean hasEnded() {
        try {
            return !state().status().isAlive();
        } catch (EngineException removed) {
            return true;
        }
    }

    /**
     * Runs a further process with its streams connected, and waits for its end.
     *
     * @return the process's exit code
     * @throws EngineException with COMMAND_NOT_FOUND or COMMAND_NOT_EXECUTABLE when it cannot be started
     */
    public int exec(ExecOptions options, AttachStreams streams) {
        ExecSession.Attached attached = locked(container -> ExecSession.startAttached(container, options));
        return Calls.call("", () -> {
            try {
                carry(attached.attachment(), streams);
                return attached.session().awaitExitCode();
            } finally {
                attached.session().delete();
            }
        });
    }

    /**
     * Starts a further process and leaves it to itself.
     *
     * @return the exec session's ID
     */
    public String execDetached(ExecOptions options) {
        return locked(container -> ExecSession.startDetached(container, options).id());
    }

    /**
     * Runs the container's health check once and writes down what it found.
     *
     * @throws EngineException with INVALID_ARGUMENT if it has none, STATE_IMPROPER if it does not run
     */
    public HealthResult checkHealth() {
        return new HealthRun(this, config(), engine.store().paths(id)).run();
    }

    /** Everything there is to know, with the keys of {@code podman inspect}. */
    public ObjectNode inspect() {
        return Calls.call("", () -> new Inspection(engine, config(), state()).toJson());
    }

    /** The container's first process, while it lives. */
    Optional<ProcessIdentity> process() {
        return state().process();
    }

    /**
     * Freezes the container into CRIU images, in place or as an archive. On failure the container goes on as if nothing had
     * happened.
     */
    public CheckpointResult checkpoint(CheckpointOptions options) {
        return locked(container -> new Checkpoint(container, options).run());
    }

    /** Restores the container from the checkpoint in its own directory. */
    public RestoreResult restore(RestoreOptions options) {
        return locked(container -> new Restoration(container, options, List.of()).inPlace());
    }
}

package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.linux.ProcessIdentity;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
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
        StreamCarrier carrier = locked(container -> Attaching.toStarted(container, streams));
        carrier.carry();
        return waitForExit();
    }

    /**
     * Connects streams to a container that runs, and waits for its end.
     *
     * @return the program's exit code
     * @throws EngineException with STATE_IMPROPER unless it runs; with DETACHED when the detach keys were typed
     */
    public int attach(AttachStreams streams) {
        StreamCarrier carrier = locked(container -> Attaching.toRunning(container, streams));
        carrier.carry();
        return waitForExit();
    }

    /**
     * Connects the streams of a client elsewhere, who may want the log first; a container that is not running is made in
     * the runtime first, so that its streams can be had before it is started.
     *
     * @throws EngineException with STATE_IMPROPER while it is paused, stopping or being removed
     */
    public RemoteAttach attachRemote(AttachStreams streams, RemoteAttachOptions options) {
        return locked(container -> Attaching.remote(this, container, streams, options));
    }

    /**
     * Tells the container's terminal its size.
     *
     * @throws EngineException with STATE_IMPROPER unless it is made in the runtime or runs
     */
    public void resize(int rows, int columns) {
        doLocked(container -> Attaching.resize(container, rows, columns));
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

    /** What conmon asks for when a detached exec session has ended: one that nobody needs any more is forgotten. */
    public void cleanupExec(String session) {
        doLocked(container -> new ExecSessions(container).cleanUp(session));
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
        if (config.logDriver().equals("none")) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "this container is using the 'none' log driver, cannot read logs: this container is not logging output");
        }
        readLog(options, sink, this::hasEnded);
    }

    /** Reads the log; when following, until nothing will be written any more. */
    void readLog(LogOptions options, Consumer<LogLine> sink, BooleanSupplier ended) {
        LogReader reader = new LogReader(engine.store().paths(id).log(), options);
        Calls.run("", () -> reader.read(sink, ended));
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
        return Calls.call("", () -> ExecSessions.run(this, options, streams));
    }

    /**
     * Starts a further process and leaves it to itself; its session is forgotten when it has ended.
     *
     * @return the exec session's ID
     */
    public String execDetached(ExecOptions options) {
        return locked(container -> new ExecSessions(container).startDetached(options));
    }

    /**
     * Prepares an exec session, which lasts until it is removed or the container ends.
     *
     * @return its ID
     * @throws EngineException with STATE_IMPROPER unless the container runs
     */
    public String execCreate(ExecOptions options) {
        return locked(container -> new ExecSessions(container).create(options));
    }

    /**
     * Starts the process of a session that was created, and leaves it to itself.
     *
     * @throws EngineException with NO_SUCH_EXEC_SESSION, or STATE_IMPROPER for one that was started before
     */
    public void execStart(String session) {
        doLocked(container -> new ExecSessions(container).start(session));
    }

    /**
     * Starts the process of a session that was created, with its streams connected before it runs, and waits for its end.
     *
     * @return the process's exit code
     * @throws EngineException as {@link #execStart}, and with DETACHED when the detach keys were typed
     */
    public int execStartAndAttach(String session, AttachStreams streams) {
        StreamCarrier carrier = locked(container -> new ExecSessions(container).startAttached(session, streams));
        carrier.carry();
        return execWait(session);
    }

    /**
     * Connects streams to a session whose process runs, and waits for its end.
     *
     * @return the process's exit code
     * @throws EngineException with NO_SUCH_EXEC_SESSION, or STATE_IMPROPER unless it runs
     */
    public int execAttach(String session, AttachStreams streams) {
        StreamCarrier carrier = locked(container -> new ExecSessions(container).attach(session, streams));
        carrier.carry();
        return execWait(session);
    }

    private int execWait(String session) {
        return Calls.call(
                "", () -> ExecSession.of(engine.store().paths(id), session).awaitExitCode());
    }

    /**
     * Tells the terminal of a session's process its size.
     *
     * @throws EngineException with NO_SUCH_EXEC_SESSION, or STATE_IMPROPER unless it runs
     */
    public void execResize(String session, int rows, int columns) {
        doLocked(container -> new ExecSessions(container).resize(session, rows, columns));
    }

    /**
     * Asks a session's process to end with SIGTERM, then, when the timeout has passed, ends it with SIGKILL. Without a
     * timeout it is the container's own.
     *
     * @throws EngineException with NO_SUCH_EXEC_SESSION, or STATE_IMPROPER unless it runs
     */
    public void execStop(String session, Optional<Duration> timeout) {
        Calls.run("", () -> ExecSessions.stop(this, session, timeout));
    }

    /** A session with the keys of libpod's {@code InspectExecSession}. */
    public ObjectNode execInspect(String session) {
        return locked(container -> new ExecSessions(container).inspect(session));
    }

    /**
     * Forgets a session.
     *
     * @param force ends its process first if it runs, by SIGKILL
     * @throws EngineException with NO_SUCH_EXEC_SESSION, or STATE_IMPROPER if it runs and is not forced
     */
    public void execRemove(String session, boolean force) {
        doLocked(container -> new ExecSessions(container).remove(session, force));
    }

    /** The IDs of the sessions that are known. */
    public List<String> execSessions() {
        return locked(container -> ExecSession.list(container.paths()));
    }

    /**
     * The processes of the container as a table: a heading, then a row for each process.
     *
     * @param descriptors podman's format descriptors, or options of ps(1); empty for podman's default
     * @throws EngineException with STATE_IMPROPER unless it runs, INVALID_ARGUMENT for an unknown descriptor
     */
    public List<List<String>> top(List<String> descriptors) {
        return locked(container -> Top.of(container, descriptors));
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

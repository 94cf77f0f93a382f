package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.archive.RootfsChanges;
import dev.ctr.criu.linux.BootId;
import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.lifecycle.event.Event;
import dev.ctr.lifecycle.event.EventStatus;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.network.NetworkOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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

    private static final int NO_EXIT_CODE = -1;

    private final EngineContext engine;
    private final ContainerId id;
    private final @Nullable Batch batch;

    Container(EngineContext engine, ContainerId id) {
        this(engine, id, null);
    }

    private Container(EngineContext engine, ContainerId id, @Nullable Batch batch) {
        this.engine = engine;
        this.id = id;
        this.batch = batch;
    }

    /** An action on a container whose lock is held. */
    @FunctionalInterface
    interface LockedAction<T> {
        T run(LockedContainer container) throws IOException, InterruptedException;
    }

    <T> T locked(LockedAction<T> action) {
        return Calls.call("", () -> {
            if (batch != null) {
                return action.run(batch.enter());
            }
            try (ContainerLock ignored =
                    ContainerLock.acquire(engine.store().paths(id).lock())) {
                return action.run(LockedContainer.open(engine, id));
            }
        });
    }

    /**
     * Makes several calls under one lock: nobody else's call comes between them. What a crash must not undo is saved at once,
     * everything else once, at the end.
     *
     * @param calls gets this container, to be used by the calling thread until the batch ends
     */
    public <T> T batch(Function<Container, T> calls) {
        return locked(container -> {
            Batch together = new Batch(container);
            try {
                return calls.apply(new Container(engine, id, together));
            } finally {
                together.end();
            }
        });
    }

    /** Brings the saved state up to date with the runtime and conmon, and makes good for an operation that died. */
    public void sync() {
        doLocked(container -> container.record(EventStatus.SYNC));
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
        return batch != null
                ? locked(LockedContainer::config)
                : Calls.call("", () -> engine.store().readConfiguration(id));
    }

    /** The state, brought up to date with the exit code that conmon may have left. Takes no lock and starts no
     * process, unless what is saved is damaged.
     */
    public ContainerState state() {
        if (batch != null) {
            return locked(LockedContainer::state);
        }
        return Calls.call("", () -> {
            ContainerState state = engine.store().readState(id);
            if (state.status() == ContainerStatus.UNKNOWN) {
                return locked(LockedContainer::state);
            }
            boolean lives = state.status().isAlive() || state.status() == ContainerStatus.CREATED;
            boolean sameBoot = state.bootId().equals(BootId.current());
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

    /** Makes known what happened to it. */
    void record(Event event) {
        engine.events().record(event);
    }

    /** Where the root file system is mounted while the container runs. */
    ContainerResources resources() {
        return new ContainerResources(engine, config());
    }

    /** Makes the container in the runtime without starting its program. What it depends on must run. */
    public void init() {
        init(false);
    }

    /**
     * As {@link #init()}.
     *
     * @param recursive whether to start first what it depends on
     */
    public void init(boolean recursive) {
        startDependencies(recursive);
        doLocked(container -> new Initialization(container).initialize());
    }

    /** Starts the container, and first what it depends on: {@link #start(boolean)} with recursion. */
    public void start() {
        start(true);
    }

    private void startDependencies(boolean recursive) {
        if (recursive) {
            new Dependencies(engine, config()).start();
        }
    }

    /**
     * Starts the program, making the container in the runtime first where needed; one that runs is left alone.
     *
     * @param recursive whether to start first what it depends on
     * @throws EngineException with STATE_IMPROPER if something that it depends on does not run
     */
    public void start(boolean recursive) {
        startDependencies(recursive);
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
                cleanupAttended();
                return code;
            }
        });
    }

    private void cleanupAttended() {
        try {
            boolean temporary = config().removeOnExit();
            cleanupStopped();
            if (temporary) {
                removeUnlessCheckpointed();
            }
        } catch (EngineException e) {
            if (e.code() != EngineException.Code.NO_SUCH_CONTAINER) {
                throw e;
            }
        }
    }

    private int startAttached(AttachStreams streams) {
        startDependencies(true);
        if (config().logDriver().equals(LogSettings.PASSTHROUGH)) {
            doLocked(container -> new Initialization(container).start());
            return waitForExit();
        }
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
    public RemoteAttach attachFromRemote(AttachStreams streams, RemoteAttachOptions options) {
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
        applyExitPolicy();
    }

    /**
     * Mounts the root file system on the host, once more if it is mounted; see {@link #unmount}.
     *
     * @return where
     */
    public Path mount() {
        return locked(container -> new StorageMount(container).mount());
    }

    /**
     * Takes one mount of the root file system back; it is unmounted with the last.
     *
     * @param force takes all back that users have made
     * @throws EngineException with STATE_IMPROPER or IN_USE when only the container's own mount is left
     */
    public void unmount(boolean force) {
        doLocked(container -> new StorageMount(container).unmount(force));
    }

    /** Where the root file system is mounted on the host, if it is. */
    public Optional<Path> mountPoint() {
        return Calls.call("", () -> StorageMount.mountPoint(config(), state(), resources()));
    }

    /**
     * Writes the root file system as a tar, without what is mounted in it.
     *
     * @return what was left out, a sentence each
     */
    public List<String> export(OutputStream out, Progress progress) {
        return Calls.call("cannot export " + id, () -> new Export(this, engine, progress).writeTo(out));
    }

    /**
     * Makes an image of the container's image and what the container changed.
     *
     * @throws EngineException with INVALID_ARGUMENT for a bad name or change, or a container without an image
     */
    public Image commit(CommitOptions options) {
        return Calls.call("cannot commit " + id, () -> new Commit(this, engine, options).run());
    }

    /** What the container changed in its image's files, by path. */
    public List<RootfsChanges.Change> diff() {
        return Calls.call(
                "cannot compare " + id,
                () -> LayerChanges.of(config(), resources().rootFilesystem()));
    }

    /** Bytes of the files that the container changed or added. */
    public long rwSize() {
        return Calls.call(
                "cannot size " + id, () -> LayerChanges.writableSize(resources().rootFilesystem()));
    }

    /** Bytes of the files that the container's image has. */
    public long rootFsSize() {
        return Calls.call(
                "cannot size " + id, () -> LayerChanges.rootSize(resources().rootFilesystem()));
    }

    /**
     * Looks at a file in the container, as it sees it: volumes and mounts too. Links are followed, and never lead out.
     *
     * @throws EngineException with INVALID_ARGUMENT when there is none
     */
    public FileStat stat(String path) {
        return Calls.call("cannot look at " + path, () -> FileStat.of(this, path));
    }

    /**
     * Writes a tar of a file or directory as the container sees it; of a directory's content alone if the path ends in {@code /.}.
     *
     * @return what was left out, a sentence each
     */
    public List<String> copyToArchive(String path, OutputStream tar) {
        return Calls.call(
                "cannot copy " + path,
                () -> new FileCopy(CopyOptions.DEFAULT).toArchive(new CopyLocation.InContainer(this, path), tar));
    }

    /**
     * Unpacks a tar, compressed or not, into a directory as the container sees it.
     *
     * @return what was left out, a sentence each
     * @throws EngineException with INVALID_ARGUMENT when there is no such directory, BAD_ARCHIVE for a tar that is none
     */
    public List<String> copyFromArchive(String path, InputStream tar, CopyOptions options) {
        return Calls.call(
                "cannot copy to " + path,
                () -> new FileCopy(options).fromArchive(tar, new CopyLocation.InContainer(this, path)));
    }

    /** Keeps some bytes with the container under a name; they travel in its checkpoint archives. Replaces what has the name. */
    public void addArtifact(String name, byte[] content) {
        doLocked(container -> new Artifacts(container.paths()).add(name, content));
    }

    /**
     * The bytes that were kept under a name.
     *
     * @throws EngineException with INVALID_ARGUMENT when there are none
     */
    public byte[] getArtifact(String name) {
        return locked(container -> new Artifacts(container.paths()).get(name));
    }

    /**
     * Forgets the bytes that were kept under a name.
     *
     * @throws EngineException with INVALID_ARGUMENT when there are none
     */
    public void removeArtifact(String name) {
        doLocked(container -> new Artifacts(container.paths()).remove(name));
    }

    /** Ends the pod's infra container after the last member, in a pod that is to end so. */
    private void applyExitPolicy() {
        Calls.run("", () -> PodExit.apply(engine, id));
    }

    /**
     * As {@link #stop}, without counting as somebody's wish: with the restart policy {@code unless-stopped} the container is
     * still one to be started at the next boot.
     */
    public void stopService(Optional<Duration> timeout) {
        Calls.run(
                "", () -> new Termination(this, timeout).keepingRestartPolicy().run());
    }

    /** Stops the container if it runs, as {@link #stop} does, and starts it. */
    public void restart(Optional<Duration> timeout) {
        Calls.run("", () -> new Restart(this, timeout).run());
    }

    /**
     * Makes the container's mounts, network and runtime state anew, as after a reboot, and brings it back into the state it was
     * in. A program that runs is stopped and started.
     */
    public void refresh() {
        Calls.run("", () -> new Refresh(this).run());
    }

    /** Whether the restart policy wants the container, which has ended, to be started again. */
    public boolean shouldRestart() {
        return locked(container -> RestartPolicy.shouldRestart(container.config(), container.state()));
    }

    /** Whether the restart policy wants the container, which has run, to be started at boot. */
    public boolean shouldStartOnBoot() {
        return locked(container -> RestartPolicy.shouldStartOnBoot(container.config(), container.state()));
    }

    /**
     * Sends a signal to the first process; the restart policy does not start the container again when it ends of that. Returns
     * after SIGKILL when the process has ended.
     */
    public void kill(int signal) {
        Calls.run("", () -> Termination.kill(this, signal));
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
            container.record(EventStatus.PAUSE);
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
            container.record(EventStatus.UNPAUSE);
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
     * Waits until the container is in one of several states; one that was removed counts as {@link ContainerStatus#REMOVING}.
     * Ends early, with CANCELLED, when the thread is interrupted, and with NO_SUCH_CONTAINER when the container is removed.
     *
     * @param interval how often to look
     * @return the exit code if the container has ended, else -1
     */
    public int waitFor(Set<ContainerStatus> states, Duration interval) {
        return Calls.call("", () -> {
            try {
                ContainerState state = state();
                while (!states.contains(state.status())) {
                    Thread.sleep(Math.max(1, interval.toMillis()));
                    state = state();
                }
                return state.status().hasEnded() ? state.exitCode() : NO_EXIT_CODE;
            } catch (EngineException e) {
                if (e.code() == EngineException.Code.NO_SUCH_CONTAINER && states.contains(ContainerStatus.REMOVING)) {
                    return NO_EXIT_CODE;
                }
                throw e;
            }
        });
    }

    /**
     * Releases mounts, network and runtime state of a container that has ended, and starts it again if its restart policy
     * says so. One that was made in the runtime and not started is unmade.
     */
    public void cleanup() {
        doLocked(container -> {
            ContainerStatus status = container.state().status();
            if (!status.canCleanUp()) {
                throw container.stateImproper("container " + id + " is running or paused, refusing to clean up");
            }
            if (status == ContainerStatus.CREATED) {
                container.cleanUp();
            } else {
                cleanUpAndRestart(container);
            }
        });
        applyExitPolicy();
    }

    /** What conmon asks for when the container has ended: nothing is done for one that was started again meanwhile. */
    public void cleanupStopped() {
        doLocked(Container::cleanUpAndRestart);
        applyExitPolicy();
    }

    private static void cleanUpAndRestart(LockedContainer container) throws IOException, InterruptedException {
        if (container.cleanUpStopped() && RestartPolicy.shouldRestart(container.config(), container.state())) {
            container.save(container.state().withRestartCount(container.state().restartCount() + 1));
            container.record(EventStatus.RESTART);
            new Initialization(container).start();
        }
    }

    /** What conmon asks for when a container that is to be removed on exit has ended; one with a checkpoint is kept. */
    public void cleanupAndRemove() {
        cleanupStopped();
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
                requireRemovable(container.config());
                Removal.remove(container, true);
            }
        });
    }

    /**
     * What conmon asks for when a detached exec session has ended. Whoever takes the lock forgets the sessions that nobody needs
     * any more, so there is nothing else to do.
     *
     * @param session the session's ID
     * @return whether it is still known
     */
    public boolean cleanupExec(String session) {
        return execSessions().contains(session);
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
        removeWhere(Container::requireRemovable, force, volumes, timeout);
    }

    /** Refuses where others depend on it, and the infra container of a pod that is there. */
    private void requireRemovable(ContainerConfig config) throws IOException {
        Dependencies dependencies = new Dependencies(engine, config);
        dependencies.requireNoInfra();
        dependencies.requireNoDependents();
    }

    /**
     * Removes the containers that depend on it, directly or not, and then itself.
     *
     * @return what was removed, in that order
     */
    public List<ContainerId> removeWithDependents(boolean force, boolean volumes, Optional<Duration> timeout) {
        return Calls.call("", () -> {
            List<ContainerId> removed = new Dependencies(engine, config()).removeDependents(force, volumes, timeout);
            remove(force, volumes, timeout);
            removed.add(id);
            return removed;
        });
    }

    /** As part of the removal of its pod. */
    void removeWithPod(boolean force, Optional<Duration> timeout) {
        removeWhere(
                (container, config) -> new Dependencies(engine, config).requireNoDependents(), force, true, timeout);
    }

    /** What must hold for a removal, checked before anything is touched and again under the lock. */
    @FunctionalInterface
    private interface RemovalCheck {
        void check(Container container, ContainerConfig config) throws IOException;
    }

    private void removeWhere(RemovalCheck check, boolean force, boolean volumes, Optional<Duration> timeout) {
        if (force) {
            Calls.run("", () -> check.check(this, config()));
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
            check.check(this, container.config());
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
            container.record(EventStatus.RENAME);
        });
    }

    /** Reads the log; returns at its end or, when following, when the container has ended. */
    public void logs(LogOptions options, Consumer<LogLine> sink) {
        readLog(options, sink, this::hasEnded);
    }

    /** Reads the log; when following, until nothing will be written any more. */
    void readLog(LogOptions options, Consumer<LogLine> sink, BooleanSupplier ended) {
        Calls.run("", () -> new Logs(engine, config(), options).read(sink, ended));
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
        int code = Calls.call(
                "", () -> ExecSession.of(engine.store().paths(id), session).awaitExitCode());
        record(LockedContainer.event(config(), EventStatus.EXEC_DIED).withExitCode(code));
        return code;
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

    /**
     * Changes what the container may use of memory, processors, processes and disks, at once and for every later start. What
     * is not set stays as it is.
     *
     * @return what could not be done as asked, one sentence each
     * @throws EngineException with INVALID_ARGUMENT for limits that make no sense, STATE_IMPROPER if it is being removed
     */
    public List<String> update(ResourceOptions changes) {
        return locked(container -> new Update(container).run(changes));
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

    /**
     * Where a namespace of the container can be joined: {@code /proc/PID/ns/KIND} of its first process.
     *
     * @throws EngineException with STATE_IMPROPER unless it lives
     */
    public Path namespacePath(NamespaceKind kind) {
        return JoinedNamespaces.path(this, kind);
    }

    /** As {@link #inspect()}, with {@code SizeRw} and {@code SizeRootFs}. */
    public ObjectNode inspectWithSize() {
        ObjectNode json = inspect();
        json.put("SizeRw", rwSize());
        json.put("SizeRootFs", rootFsSize());
        return json;
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
        return locked(container -> options.preCheckpoint
                ? new PreCheckpoint(container, options).run()
                : new Checkpoint(container, options).run());
    }

    /** How many levels its chain of pre-checkpoints has. */
    public int preCheckpoints() {
        return locked(container -> CheckpointChain.of(container).depth());
    }

    /**
     * Deletes the levels of its chain of pre-checkpoints above the first ones, unless a checkpoint in its directory rests on them.
     *
     * @param kept how many stay
     */
    public void cutPreCheckpoints(int kept) {
        doLocked(container -> CheckpointChain.cut(container, kept));
    }

    /**
     * Prepares to send the container's files ahead of a {@link #handOver}.
     *
     * @param notes an empty directory for what is noted of them, some 0.2 % of their size
     */
    public FilesAhead filesAhead(Path notes) {
        return Calls.call("cannot send the files of " + id, () -> new FilesAhead(engine, config(), notes));
    }

    /**
     * Hands the container over to another host. It is frozen as for a checkpoint, and waits until the other side has restored and
     * holds it and has given its word on whether it runs. Until this host has noted that it has given the container away, any failure,
     * and the death of this process, lets it go on here with its connections. After that it stays frozen until the other side's word
     * is here.
     *
     * @throws EngineException IN_DOUBT if the other side's word did not come: nothing may be done with the container then but {@link
     *     #settleHandOver}; otherwise it goes on here
     */
    public HandOverResult handOver(HandOverOptions options, HandOver handOver) {
        return locked(container -> new HandingOver(container, options, handOver).run());
    }

    /**
     * Settles what became of a container in doubt: ends it here, or lets it go on here. After a reboot there is nothing to let go on:
     * it then has a checkpoint to be restored from. May be called again if it fails.
     *
     * @param outcome what the other host says; only that host can know
     * @throws EngineException STATE_IMPROPER if the container is not in doubt
     */
    public void settleHandOver(HandOver.Outcome outcome) {
        Calls.run("cannot settle the hand-over of " + id, () -> {
            try (ContainerLock ignored =
                    ContainerLock.acquire(engine.store().paths(id).lock())) {
                HandOverSettlement.settle(LockedContainer.asSaved(engine, id), outcome);
            }
        });
    }

    /**
     * What names the hand-over that the container is in doubt by, as given in {@link HandOverOptions#token}; empty if it is not in
     * doubt. Takes no lock.
     */
    public Optional<String> handOverToken() {
        return Calls.call(
                "cannot tell whether " + id + " is in doubt",
                () -> GivenAway.inDoubt(engine.store().paths(id), engine.store().readState(id))
                        .map(GivenAway::token));
    }

    /** Restores the container from the checkpoint in its own directory. */
    public RestoreResult restore(RestoreOptions options) {
        return locked(container -> new Restoration(container, options, List.of()).inPlace());
    }

    /**
     * Makes the container's packet filter rules anew, as after the host's firewall was flushed: published ports and the way out.
     * Addresses and connections stay.
     */
    public void reloadNetwork() {
        doLocked(container -> new NetworkReload(container).run());
    }

    /**
     * Joins the container to one more network, at once if it runs.
     *
     * @param network a network's name or ID
     * @param wishes how to join it; without an interface name it gets the first free {@code ethN}
     * @throws EngineException NO_SUCH_NETWORK; INVALID_ARGUMENT if the container is not in bridge mode; ALREADY_EXISTS if it
     *     runs and is connected already, or the address is taken
     */
    public void networkConnect(String network, NetworkOptions wishes) {
        doLocked(container -> new NetworkConnection(container).connect(network, wishes));
    }

    /**
     * Takes the container off a network, at once if it runs.
     *
     * @throws EngineException NO_SUCH_NETWORK; INVALID_ARGUMENT if the container is not on it
     */
    public void networkDisconnect(String network) {
        doLocked(container -> new NetworkConnection(container).disconnect(network));
    }
}

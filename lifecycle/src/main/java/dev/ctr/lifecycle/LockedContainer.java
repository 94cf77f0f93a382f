package dev.ctr.lifecycle;

import dev.ctr.criu.linux.BootId;
import dev.ctr.criu.linux.Durable;
import dev.ctr.criu.linux.Mounts;
import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.criu.linux.Processes;
import dev.ctr.lifecycle.PendingOperation.Kind;
import dev.ctr.lifecycle.event.Event;
import dev.ctr.lifecycle.event.EventStatus;
import dev.ctr.lifecycle.event.EventType;
import dev.ctr.lifecycle.runtime.Conmon;
import dev.ctr.lifecycle.runtime.ExitCommand;
import dev.ctr.lifecycle.runtime.OciRuntime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A container whose lock is held: its configuration, its state as it is on disk, and the steps that several operations
 * share. Belongs to the thread that holds the lock.
 */
final class LockedContainer {
    private static final Duration CONMON_PATIENCE = Duration.ofSeconds(5);
    private static final Duration RUNTIME_PATIENCE = Duration.ofSeconds(60);
    private static final int SIGKILL = 9;
    /** What libpod reports for a container whose end nobody saw. */
    private static final int UNKNOWN_EXIT_CODE = 255;

    private static final Logger LOG = LoggerFactory.getLogger(LockedContainer.class);

    private final EngineContext engine;
    private final ContainerPaths paths;
    private ContainerConfig config;
    private ContainerState state;
    private boolean savesCanWait;
    private boolean savesCanFail;
    private boolean unsaved;

    private LockedContainer(EngineContext engine, ContainerConfig config, ContainerState state) {
        this.engine = engine;
        this.config = config;
        this.state = state;
        this.paths = engine.store().paths(config.id());
    }

    /** Reads a container that is locked, and brings its state up to date. */
    static LockedContainer open(EngineContext engine, ContainerId id) throws IOException, InterruptedException {
        LockedContainer container = asSaved(engine, id);
        container.synchronize();
        return container;
    }

    /** Reads a container that is locked, as it is on disk. */
    static LockedContainer asSaved(EngineContext engine, ContainerId id) throws IOException {
        return new LockedContainer(
                engine, engine.store().readConfiguration(id), engine.store().readState(id));
    }

    /** A container that was created a moment ago and is still locked. */
    static LockedContainer created(EngineContext engine, ContainerConfig config, ContainerState state) {
        return new LockedContainer(engine, config, state);
    }

    EngineContext engine() {
        return engine;
    }

    ContainerPaths paths() {
        return paths;
    }

    ContainerConfig config() {
        return config;
    }

    ContainerState state() {
        return state;
    }

    String id() {
        return config.id().hex();
    }

    OciRuntime runtime() {
        return engine.runtime(config);
    }

    ContainerResources resources() {
        return new ContainerResources(engine, config);
    }

    void save(ContainerState newState) throws IOException {
        boolean canWait = savesCanWait
                && newState.status() == state.status()
                && newState.pending().isEmpty()
                && state.pending().isEmpty();
        if (!canWait) {
            write(newState);
        }
        unsaved = canWait;
        state = newState;
    }

    private void write(ContainerState newState) throws IOException {
        try {
            engine.store().writeState(config.id(), newState);
        } catch (IOException e) {
            if (!savesCanFail) {
                throw e;
            }
            LOG.debug("the state of {} is not saved: {}", config.name(), e.getMessage());
        }
    }

    /** From now on a state that cannot be saved, as on a full disk, is no obstacle: the container is to be no more. */
    void letSavesFail() {
        savesCanFail = true;
    }

    /** From now on only steps that a crash must not undo are saved at once: another status, an operation's begin or end. */
    void deferSaves() {
        savesCanWait = true;
    }

    /** Saves what was deferred. */
    void saveDeferred() throws IOException {
        savesCanWait = false;
        if (unsaved) {
            save(state);
        }
    }

    void save(ContainerConfig newConfig) throws IOException {
        engine.store().writeConfiguration(newConfig);
        config = newConfig;
    }

    /** Writes an operation down before it is begun. */
    void begin(PendingOperation operation) throws IOException {
        save(state.begins(operation));
    }

    /** Makes a call that changes the state in the runtime alone, and saves what it leads to. */
    void callRuntime(Runnable call, ContainerState after) throws IOException {
        ContainerState before = state;
        begin(PendingOperation.of(Kind.RUNTIME));
        try {
            call.run();
        } catch (EngineException e) {
            save(before);
            throw e;
        }
        save(after);
    }

    /** Refuses a call that the state does not allow. */
    EngineException stateImproper(String message) {
        return new EngineException(EngineException.Code.STATE_IMPROPER, message + ": container state improper");
    }

    /** Brings the state up to date with the boot, with operations that died, and with the program's end. */
    void synchronize() throws IOException, InterruptedException {
        Optional<GivenAway> given = GivenAway.inDoubt(paths, state);
        if (given.isPresent()) {
            throw given.get().refusal(config.name());
        }
        if (state.status() == ContainerStatus.UNKNOWN) {
            new Recovery(this).afterDamage();
        }
        if (!state.bootId().equals(BootId.current())) {
            new Recovery(this).afterReboot();
        }
        if (state.pending().isPresent()) {
            new Recovery(this).run(state.pending().get());
        }
        boolean lives = state.status().isAlive() || state.status() == ContainerStatus.CREATED;
        if (lives && !state.process().map(ProcessIdentity::isAlive).orElse(false)) {
            recordEnd();
        }
        for (ExecSession session : ExecSession.all(paths)) {
            session.repair().ifPresent(this::recordExecDeath);
        }
    }

    /** Makes known that the process of an exec session has ended. */
    void recordExecDeath(int exitCode) {
        engine.events().record(event(config, EventStatus.EXEC_DIED).withExitCode(exitCode));
    }

    /** Saves that the program has ended, with the exit code that conmon leaves, and makes that known. */
    void recordEnd() throws IOException, InterruptedException {
        saveEnd();
        recordDeath(state.exitCode());
    }

    /** Saves that the program has ended, which nobody is to be told: a checkpoint has ended it. */
    void saveEnd() throws IOException, InterruptedException {
        save(state.ended(awaitExitCode().orElse(UNKNOWN_EXIT_CODE), Instant.now()));
    }

    /** Makes known what happened to this container. */
    void record(EventStatus status) {
        engine.events().record(event(config, status));
    }

    /** Makes known that the program has ended. */
    void recordDeath(int exitCode) {
        engine.events().record(event(config, EventStatus.DIED).withExitCode(exitCode));
    }

    /** What happened just now to a container. */
    static Event event(ContainerConfig config, EventStatus status) {
        return Event.of(EventType.CONTAINER, status, config.id().hex(), config.name())
                .withImage(config.imageName().orElse(""))
                .withPod(config.toJson().path("pod").asText(""))
                .withAttributes(config.labels());
    }

    private Optional<Integer> awaitExitCode() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + CONMON_PATIENCE.toNanos();
        while (true) {
            boolean conmonLives = Files.exists(Path.of("/proc", Long.toString(state.conmonPid())));
            Optional<Integer> code = exitCode(paths);
            if (code.isPresent() || !conmonLives || System.nanoTime() > deadline) {
                return code;
            }
            Thread.sleep(2);
        }
    }

    /** The exit code that conmon has left, if it has. */
    static Optional<Integer> exitCode(ContainerPaths paths) throws IOException {
        try {
            return Optional.of(
                    Integer.parseInt(Files.readString(paths.exitCode()).strip()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** The command line of {@code ctr} that conmon is to run for this container; empty when it is to run none. */
    List<String> exitCommand(String... arguments) {
        EngineOptions options = engine.options();
        List<String> command = new ArrayList<>(options.exitCommand());
        if (!command.isEmpty()) {
            command.addAll(List.of("--root", options.root().toString()));
            command.addAll(List.of("--runroot", options.runRoot().toString()));
            command.addAll(List.of("--runtime", config.runtime()));
            command.addAll(List.of("--cgroup-parent", config.cgroupParent()));
            command.addAll(List.of(arguments));
            command.add(id());
        }
        return command;
    }

    /** What conmon needs to know to hold this container. */
    Conmon.Request conmonRequest() throws IOException {
        boolean isFile = LogSettings.isFile(config.logDriver());
        String log = isFile ? LogSettings.FILE + ":" + paths.log(config) : config.logDriver();
        return new Conmon.Request(
                id(),
                id(),
                config.name(),
                paths.bundle(),
                paths.pidFile(),
                paths.conmonPidFile(),
                paths.exits(),
                log,
                paths.runtimeLog(),
                config.terminal(),
                config.interactive(),
                exitCommand(),
                conmonOptions());
    }

    /** A pod may have to end with its last member, which is looked at when that has ended, whoever cleans up behind it. */
    private List<String> exitCommand() throws IOException {
        List<String> command = config.removeOnExit()
                ? exitCommand("container", "cleanup", "--stopped-only", "--rm")
                : exitCommand("container", "cleanup", "--stopped-only");
        return mayEndItsPod()
                ? command
                : ExitCommand.unlessAttended(paths.exitCode(), paths.lock(), paths.attached(), command);
    }

    private boolean mayEndItsPod() throws IOException {
        return config.pod().isPresent()
                && !config.isInfra()
                && engine.pods().read(config.pod().get()).exitPolicy().equals("stop");
    }

    private List<String> conmonOptions() {
        List<String> options = new ArrayList<>();
        if (config.logSize() > 0) {
            options.addAll(List.of("--log-size-max", Long.toString(config.logSize())));
        }
        if (!config.logTag().isEmpty() && config.logDriver().equals(LogSettings.JOURNAL)) {
            options.addAll(List.of("--log-tag", config.logTag()));
        }
        if (!config.timeout().isZero()) {
            options.addAll(List.of("--timeout", Long.toString(config.timeout().toSeconds())));
        }
        return options;
    }

    /** The conmon that has written its number into the run directory; 0 if none has. */
    long conmonPid() throws IOException {
        try {
            return Long.parseLong(Files.readString(paths.conmonPidFile()).strip());
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    /** Writes process numbers where the creator asked for them too. */
    void publishPids(long pid, long conmonPid) throws IOException {
        if (config.pidFile().isPresent()) {
            publish(config.pidFile().get(), pid);
        }
        if (config.conmonPidFile().isPresent()) {
            publish(config.conmonPidFile().get(), conmonPid);
        }
    }

    private static void publish(Path file, long pid) throws IOException {
        Durable.writeAtomically(file, Long.toString(pid).getBytes(StandardCharsets.UTF_8), ContainerStore.OWNER_ONLY);
    }

    /**
     * Removes everything that the container has in the runtime and on this host besides its files, however much of it there
     * is, and saves that. Its processes are killed.
     */
    void tearDown() throws IOException, InterruptedException {
        letGo();
        saveReleased();
    }

    /**
     * The first half of {@link #tearDown}: ends and removes what the container has in the runtime and on this host, except what
     * is mounted in its bundle.
     */
    void letGo() throws IOException, InterruptedException {
        awaitRuntimeProcesses();
        // A runtime that was killed in a restore has the root file system mounted here, and would now delete what is in
        // it.
        Mounts.unmountAllBelow(engine.runtimeState(config));
        if (Files.exists(engine.runtimeState(config))) {
            runtime().delete(id());
        }
        for (ProcessIdentity conmon : conmons()) {
            if (!isDone(conmon)) {
                Processes.kill(conmon, SIGKILL);
                Processes.awaitEnd(conmon, CONMON_PATIENCE);
            }
        }
        resources().release(state.mounts() > 0);
        for (ExecSession session : ExecSession.all(paths)) {
            session.killHelpers();
            session.delete();
        }
        for (Path file : List.of(paths.pidFile(), paths.conmonPidFile(), paths.runtimeLog())) {
            Files.deleteIfExists(file);
        }
    }

    /** The second half: saves that nothing is left, and that nothing is pending. */
    void saveReleased() throws IOException {
        Mounts.unmountAllBelow(paths.bundle());
        CheckpointChain.deleteUnneeded(paths);
        save(state.released());
        Files.deleteIfExists(paths.exitCode());
    }

    /** Whether a conmon has ended, or has left the exit code and waits for its exit command, which waits for this lock. */
    private boolean isDone(ProcessIdentity conmon) throws IOException, InterruptedException {
        if (state.conmonPid() == 0 && state.pending().isEmpty()) {
            // Everything was torn down before, the exit code included.
            return true;
        }
        long deadline = System.nanoTime() + CONMON_PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            if (exitCode(paths).isPresent() || Processes.awaitEnd(conmon, Duration.ofMillis(2))) {
                return true;
            }
        }
        return false;
    }

    /** Tears down what the container has in the runtime and on this host, and makes that known. */
    void cleanUp() throws IOException, InterruptedException {
        tearDown();
        record(EventStatus.CLEANUP);
    }

    /** Cleans up a container that has ended; one that was made or started again meanwhile is left alone. */
    boolean cleanUpStopped() throws IOException, InterruptedException {
        boolean stopped = state.status() == ContainerStatus.STOPPED;
        if (stopped) {
            cleanUp();
        }
        return stopped;
    }

    /** Waits for a runtime that a process which has died had started for this container, and ends one that hangs. */
    void awaitRuntimeProcesses() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + RUNTIME_PATIENCE.toNanos();
        while (true) {
            List<ProcessIdentity> running = runtimeProcesses();
            if (running.isEmpty()) {
                return;
            }
            if (System.nanoTime() > deadline) {
                for (ProcessIdentity process : running) {
                    Processes.kill(process, SIGKILL);
                }
            }
            Thread.sleep(5);
        }
    }

    /** The runtime's processes that are at work for this container. */
    List<ProcessIdentity> runtimeProcesses() throws IOException {
        return withBundle().stream().filter(process -> !isConmon(process)).toList();
    }

    private List<ProcessIdentity> conmons() throws IOException {
        return withBundle().stream().filter(LockedContainer::isConmon).toList();
    }

    /** conmon and the runtime both have the bundle among their arguments, and nobody else has. */
    private List<ProcessIdentity> withBundle() throws IOException {
        return Processes.withArgument(paths.bundle().toString());
    }

    private static boolean isConmon(ProcessIdentity process) {
        return Processes.arguments(process.pid()).stream()
                .findFirst()
                .filter(program -> program.endsWith("conmon"))
                .isPresent();
    }
}

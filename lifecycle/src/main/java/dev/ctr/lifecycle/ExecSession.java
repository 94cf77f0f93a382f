package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.linux.Durable;
import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.criu.linux.Processes;
import dev.ctr.criu.linux.Trees;
import dev.ctr.lifecycle.ExecRecord.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;

/**
 * A further process in a running container, held by a conmon of its own, with a directory of its own in the bundle for as
 * long as it is known: {@code session.json}, {@code process.json}, {@code pid}, {@code exit/ID}, conmon's {@code attach} and
 * {@code ctl}. Changed only under the container's lock.
 */
final class ExecSession {
    private static final String PREFIX = "exec-";
    private static final long POLL_NANOS = 2_000_000;
    private static final Duration CONMON_PATIENCE = Duration.ofSeconds(5);
    /** The end by SIGKILL, with which a process goes when its container does. */
    private static final int KILLED = 128 + Signal.KILL;
    /** What libpod reports for a process whose end nobody saw. */
    private static final int UNKNOWN_EXIT_CODE = 255;

    private final String id;
    private final ContainerId container;
    private final Path directory;

    private ExecSession(String id, ContainerId container, Path directory) {
        this.id = id;
        this.container = container;
        this.directory = directory;
    }

    static ExecSession of(ContainerPaths paths, String id) {
        return new ExecSession(id, paths.id(), paths.bundle().resolve(PREFIX + id));
    }

    /**
     * A session that is known.
     *
     * @throws EngineException with NO_SUCH_EXEC_SESSION
     */
    static ExecSession find(ContainerPaths paths, String id) {
        ExecSession session = of(paths, id);
        if (!id.matches("[0-9a-f]{64}") || !Files.exists(session.recordFile())) {
            throw new EngineException(
                    EngineException.Code.NO_SUCH_EXEC_SESSION,
                    "container " + paths.id().hex() + " has no exec session with ID " + id + ": no such exec session");
        }
        return session;
    }

    /** The sessions of a container that have a directory, known or half made. */
    static List<ExecSession> all(ContainerPaths paths) throws IOException {
        List<ExecSession> sessions = new ArrayList<>();
        if (Files.isDirectory(paths.bundle())) {
            try (var entries = Files.newDirectoryStream(paths.bundle(), PREFIX + "*")) {
                for (Path entry : entries) {
                    String name = String.valueOf(entry.getFileName());
                    sessions.add(of(paths, name.substring(PREFIX.length())));
                }
            }
        }
        return sessions;
    }

    /** The IDs of a container's sessions, without those that are only waiting to be forgotten. Needs no lock. */
    static List<String> list(ContainerPaths paths) throws IOException {
        List<String> ids = new ArrayList<>();
        for (ExecSession session : all(paths)) {
            Optional<ExecRecord> record = session.present();
            if (record.isPresent()
                    && !(record.get().state() == State.STOPPED && record.get().transientSession())) {
                ids.add(session.id);
            }
        }
        return ids;
    }

    /** The IDs of the sessions whose process lives. Needs no lock. */
    static List<String> running(ContainerPaths paths) throws IOException {
        List<String> running = new ArrayList<>();
        for (ExecSession session : all(paths)) {
            if (session.present()
                    .filter(record -> record.state() == State.RUNNING)
                    .isPresent()) {
                running.add(session.id);
            }
        }
        return running;
    }

    String id() {
        return id;
    }

    Path directory() {
        return directory;
    }

    Path processFile() {
        return directory.resolve("process.json");
    }

    Path pidFile() {
        return directory.resolve("pid");
    }

    Path exitDirectory() {
        return directory.resolve("exit");
    }

    private Path recordFile() {
        return directory.resolve("session.json");
    }

    /** Makes the session known. The record comes last: without it the directory is a leftover. */
    void create(ObjectNode process, ExecRecord record) throws IOException {
        Files.createDirectories(exitDirectory());
        Files.write(processFile(), Json.pretty(process));
        save(record);
    }

    void save(ExecRecord record) throws IOException {
        Durable.writeAtomically(recordFile(), Json.pretty(Json.MAPPER.valueToTree(record)), ContainerStore.OWNER_ONLY);
    }

    /** The record, with an end that nobody has saved yet; empty when the session is not known. */
    Optional<ExecRecord> present() throws IOException {
        Optional<ExecRecord> saved = saved();
        if (saved.isEmpty() || saved.get().state() != State.RUNNING) {
            return saved;
        }
        ExecRecord record = saved.get();
        if (record.process().filter(ProcessIdentity::isAlive).isPresent()) {
            return saved;
        }
        return Optional.of(record.stopped(finalExitCode()));
    }

    /** The exit code of a process that has ended, which conmon is about to write if it has not yet. */
    private int finalExitCode() throws IOException {
        long deadline = System.nanoTime() + CONMON_PATIENCE.toNanos();
        while (true) {
            boolean conmonLives = conmonLives();
            Optional<Integer> code = exitCode();
            if (code.isPresent() || !conmonLives || System.nanoTime() > deadline) {
                return code.orElse(UNKNOWN_EXIT_CODE);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private boolean conmonLives() throws IOException {
        try {
            String pid = Files.readString(directory.resolve("conmon.pid")).strip();
            return Files.exists(Path.of("/proc", pid));
        } catch (NoSuchFileException gone) {
            return false;
        }
    }

    private Optional<ExecRecord> saved() throws IOException {
        try {
            return Optional.of(Json.MAPPER.readValue(Files.readAllBytes(recordFile()), ExecRecord.class));
        } catch (NoSuchFileException notKnown) {
            return Optional.empty();
        }
    }

    private Optional<Integer> exitCode() throws IOException {
        try {
            String code =
                    Files.readString(exitDirectory().resolve(container.hex())).strip();
            return code.isEmpty() ? Optional.empty() : Optional.of(Integer.parseInt(code));
        } catch (NoSuchFileException notYet) {
            return Optional.empty();
        }
    }

    /** Waits for the exit code that conmon leaves after the streams were closed. Needs no lock. */
    int awaitExitCode() throws IOException, InterruptedException {
        long deadline = 0;
        while (Files.exists(directory)) {
            Optional<Integer> code = exitCode();
            if (code.isPresent()) {
                return code.get();
            }
            boolean lives = saved().flatMap(ExecRecord::process)
                    .filter(ProcessIdentity::isAlive)
                    .isPresent();
            if (lives || deadline == 0) {
                deadline = System.nanoTime() + CONMON_PATIENCE.toNanos();
            } else if (System.nanoTime() > deadline) {
                return UNKNOWN_EXIT_CODE;
            }
            Thread.sleep(2);
        }
        return KILLED;
    }

    /**
     * Makes good for a process that died: a start that was under way is believed or undone, what is half made goes, and so
     * does a transient session that has ended when nobody waits for it.
     *
     * @return the exit code of a session that was forgotten after its end
     */
    OptionalInt repair() throws IOException, InterruptedException {
        Optional<ExecRecord> saved = saved();
        if (saved.isEmpty()) {
            delete();
            return OptionalInt.empty();
        }
        if (saved.get().state() == State.STARTING) {
            believeConmon(saved.get());
        }
        ExecRecord record = present().orElseThrow();
        boolean unneeded = record.transientSession() && record.state() != State.RUNNING && !record.isAwaited();
        if (unneeded) {
            delete();
        }
        return unneeded && record.state() == State.STOPPED ? OptionalInt.of(record.exitCode()) : OptionalInt.empty();
    }

    private void believeConmon(ExecRecord record) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + CONMON_PATIENCE.toNanos();
        while (System.nanoTime() < deadline
                && !Files.exists(pidFile())
                && !helpers().isEmpty()) {
            Thread.sleep(2);
        }
        Optional<ProcessIdentity> process = Files.exists(pidFile())
                ? ProcessIdentity.of(Long.parseLong(Files.readString(pidFile()).strip()))
                : Optional.empty();
        if (process.isEmpty()) {
            killHelpers();
        }
        save(
                process.isPresent()
                        ? record.running(process.get())
                        : record.stopped(exitCode().orElse(UNKNOWN_EXIT_CODE)));
    }

    /** conmon and the runtime, which have places of the session among their arguments. */
    private List<ProcessIdentity> helpers() throws IOException {
        List<ProcessIdentity> helpers = new ArrayList<>(Processes.withArgument(directory.toString()));
        helpers.addAll(Processes.withArgument(processFile().toString()));
        return helpers;
    }

    void killHelpers() throws IOException {
        for (ProcessIdentity helper : helpers()) {
            Processes.kill(helper, Signal.KILL);
        }
    }

    /** Forgets the session. */
    void delete() throws IOException {
        Trees.delete(directory);
    }
}

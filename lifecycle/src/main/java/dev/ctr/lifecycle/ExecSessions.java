package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.linux.Descriptor;
import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.criu.linux.Processes;
import dev.ctr.lifecycle.ExecRecord.State;
import dev.ctr.lifecycle.event.EventStatus;
import dev.ctr.lifecycle.runtime.Attachment;
import dev.ctr.lifecycle.runtime.Conmon;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What can be done with the exec sessions of a container whose lock is held. */
final class ExecSessions {
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(30);
    private static final int ID_BYTES = 32;

    private final LockedContainer container;

    ExecSessions(LockedContainer container) {
        this.container = container;
    }

    /** Runs a process with its streams connected to its end, and leaves no session behind. */
    static int run(Container handle, ExecOptions options, AttachStreams streams)
            throws IOException, InterruptedException {
        Started started = handle.locked(container -> new ExecSessions(container).startTransient(options, streams));
        try {
            started.carrier.carry();
            int code = started.session.awaitExitCode();
            forget(handle, started.session, code);
            return code;
        } catch (RuntimeException | IOException | InterruptedException e) {
            Undo.after(e, () -> handle.locked(container -> new ExecSessions(container).leave(started.session)));
            throw e;
        }
    }

    /** The container may have been removed while its process ended; then so was the session. */
    private static void forget(Container handle, ExecSession session, int code) {
        try {
            handle.locked(container -> {
                session.delete();
                container.recordExecDeath(code);
                return true;
            });
        } catch (EngineException e) {
            if (e.code() != EngineException.Code.NO_SUCH_CONTAINER) {
                throw e;
            }
        }
    }

    private record Started(ExecSession session, StreamCarrier carrier) {}

    private Started startTransient(ExecOptions options, AttachStreams streams) throws IOException {
        ExecSession session = create(options, true, ProcessIdentity.self());
        try {
            return new Started(session, launchAttached(session, options.descriptors, streams, List.of()));
        } catch (RuntimeException | IOException e) {
            Undo.after(e, session::delete);
            throw e;
        }
    }

    /** Nobody waits for a transient session any more: it goes now or, if its process runs, when that has ended. */
    private boolean leave(ExecSession session) throws IOException, InterruptedException {
        Optional<ExecRecord> record = session.present();
        if (record.isPresent()) {
            session.save(record.get().unawaited());
            session.repair().ifPresent(container::recordExecDeath);
        }
        return true;
    }

    String startDetached(ExecOptions options) throws IOException {
        ExecSession session = create(options, true, ProcessIdentity.self());
        try {
            List<String> exitCommand = container.exitCommand("container", "cleanup", "--exec", session.id());
            launch(session, options.descriptors, exitCommand, () -> {});
            session.save(session.present().orElseThrow().unawaited());
            return session.id();
        } catch (RuntimeException | IOException e) {
            Undo.after(e, session::delete);
            throw e;
        }
    }

    String create(ExecOptions options) throws IOException {
        return create(options, false, null).id();
    }

    private ExecSession create(ExecOptions options, boolean transientSession, @Nullable ProcessIdentity waiter)
            throws IOException {
        requireRunning();
        if (options.command.isEmpty()) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT, "must provide a non-empty command to start an exec session");
        }
        byte[] random = new byte[ID_BYTES];
        new SecureRandom().nextBytes(random);
        ExecSession session = ExecSession.of(container.paths(), HexFormat.of().formatHex(random));
        try {
            session.create(
                    new ExecProcess(container, options).toJson(),
                    ExecRecord.created(options, transientSession, waiter));
            return session;
        } catch (RuntimeException | IOException e) {
            Undo.after(e, session::delete);
            throw e;
        }
    }

    private void requireRunning() {
        if (container.state().status() != ContainerStatus.RUNNING) {
            throw container.stateImproper("can only create exec sessions on running containers");
        }
    }

    void start(String id) throws IOException {
        launch(startable(id), List.of(), List.of(), () -> {});
    }

    StreamCarrier startAttached(String id, AttachStreams streams) throws IOException {
        return launchAttached(startable(id), List.of(), streams, List.of());
    }

    private ExecSession startable(String id) throws IOException {
        ExecSession session = ExecSession.find(container.paths(), id);
        State state = session.present().orElseThrow().state();
        if (state != State.CREATED) {
            throw improper("can only start created exec sessions, while container " + container.id() + " session " + id
                    + " state is \"" + state.word() + "\"");
        }
        requireRunning();
        return session;
    }

    private StreamCarrier launchAttached(
            ExecSession session, List<Descriptor> descriptors, AttachStreams streams, List<String> exitCommand)
            throws IOException {
        ExecRecord record = session.present().orElseThrow();
        Connection connection = new Connection();
        try {
            launch(
                    session,
                    descriptors,
                    exitCommand,
                    () -> connection.attachment = Attachment.connect(session.directory()));
            return new StreamCarrier(connection.required(), streams, record.terminal());
        } catch (RuntimeException | IOException e) {
            Undo.after(e, connection::close);
            throw e;
        }
    }

    private static final class Connection {
        private @Nullable Attachment attachment;

        Attachment required() {
            if (attachment == null) {
                throw new IllegalStateException("conmon has started the session without its attach socket");
            }
            return attachment;
        }

        void close() throws IOException {
            if (attachment != null) {
                attachment.close();
            }
        }
    }

    /** Starts the process. What is saved before tells whoever comes after this process has died that conmon may be there. */
    private void launch(
            ExecSession session, List<Descriptor> descriptors, List<String> exitCommand, Conmon.Attaching attaching)
            throws IOException {
        ExecRecord record = session.present().orElseThrow();
        session.save(record.starting());
        try {
            long pid = container
                    .engine()
                    .conmon(container.config())
                    .exec(request(session, record, exitCommand), session.processFile(), descriptors, attaching);
            // A process that has ended already has no start time to tell it by; its exit code says it all.
            session.save(record.running(ProcessIdentity.of(pid).orElse(new ProcessIdentity(pid, 0))));
            container.record(EventStatus.EXEC);
        } catch (RuntimeException | IOException e) {
            Undo.after(e, () -> session.save(record.stopped(ExecFailure.exitCode(e))));
            throw e;
        }
    }

    private Conmon.Request request(ExecSession session, ExecRecord record, List<String> exitCommand) {
        return new Conmon.Request(
                container.id(),
                session.id(),
                container.config().name(),
                session.directory(),
                session.pidFile(),
                session.directory().resolve("conmon.pid"),
                session.exitDirectory(),
                "none",
                session.directory().resolve("oci-log"),
                record.terminal(),
                record.interactive(),
                exitCommand,
                List.of());
    }

    StreamCarrier attach(String id, AttachStreams streams) throws IOException {
        ExecSession session = ExecSession.find(container.paths(), id);
        ExecRecord record = running(session, "can only attach to running sessions");
        return new StreamCarrier(Attachment.connect(session.directory()), streams, record.terminal());
    }

    void resize(String id, int rows, int columns) throws IOException {
        ExecSession session = ExecSession.find(container.paths(), id);
        running(session, "can only resize running sessions");
        Attachment.resize(session.directory(), rows, columns);
    }

    private ExecRecord running(ExecSession session, String otherwise) throws IOException {
        ExecRecord record = session.present().orElseThrow();
        if (record.state() != State.RUNNING) {
            throw improper("container " + container.id() + " exec session " + session.id() + " is \""
                    + record.state().word() + "\", " + otherwise);
        }
        return record;
    }

    /** Ends a session's process. The lock is not held while waiting. */
    static void stop(Container handle, String id, Optional<Duration> timeout) throws IOException, InterruptedException {
        Duration patience = timeout.orElseGet(() -> handle.config().stopTimeout());
        ProcessIdentity process = handle.locked(container -> new ExecSessions(container).ask(id, patience));
        if (!Processes.awaitEnd(process, patience)) {
            kill(process, id);
        }
    }

    private ProcessIdentity ask(String id, Duration patience) throws IOException {
        ExecSession session = ExecSession.find(container.paths(), id);
        ProcessIdentity process =
                running(session, "can only stop running sessions").process().orElseThrow();
        if (!patience.isZero()) {
            Processes.kill(process, Signal.TERM);
        }
        return process;
    }

    private static void kill(ProcessIdentity process, String id) throws IOException, InterruptedException {
        Processes.kill(process, Signal.KILL);
        if (!Processes.awaitEnd(process, KILL_PATIENCE)) {
            throw new EngineException(
                    EngineException.Code.RUNTIME,
                    "the process of exec session " + id + " (" + process.pid()
                            + ") did not end after SIGKILL: it may be waiting for a device");
        }
    }

    void remove(String id, boolean force) throws IOException, InterruptedException {
        ExecSession session = ExecSession.find(container.paths(), id);
        ExecRecord record = session.present().orElseThrow();
        if (record.state() == State.RUNNING) {
            if (!force) {
                throw improper("container " + container.id() + " exec session " + id
                        + " is still running, cannot remove it without force");
            }
            kill(record.process().orElseThrow(), id);
        }
        session.delete();
    }

    ObjectNode inspect(String id) throws IOException {
        ExecRecord record = ExecSession.find(container.paths(), id).present().orElseThrow();
        boolean running = record.state() == State.RUNNING;
        ObjectNode json = Json.object();
        json.put("CanRemove", !running);
        json.put("ContainerID", container.id());
        json.put("DetachKeys", record.detachKeys());
        json.put("ExitCode", record.exitCode());
        json.put("ID", id);
        json.put("OpenStderr", !record.terminal());
        json.put("OpenStdin", record.interactive());
        json.put("OpenStdout", true);
        json.put("Running", running);
        json.put("State", record.state().word());
        json.put("Pid", record.pid());
        ObjectNode process = json.putObject("ProcessConfig");
        List<String> command = new ArrayList<>(record.command());
        process.put("entrypoint", command.remove(0));
        process.set("arguments", Json.array(command));
        process.put("privileged", record.privileged());
        process.put("tty", record.terminal());
        process.put("user", record.user());
        return json;
    }

    private static EngineException improper(String message) {
        return new EngineException(EngineException.Code.STATE_IMPROPER, message + ": exec session state improper");
    }
}

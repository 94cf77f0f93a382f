package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.linux.Trees;
import dev.ctr.lifecycle.event.EventStatus;
import dev.ctr.lifecycle.runtime.Attachment;
import dev.ctr.lifecycle.runtime.Conmon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A further process in a running container, held by a conmon of its own, with a directory of its own in the bundle for as
 * long as it is known.
 */
final class ExecSession {
    private static final String PREFIX = "exec-";
    private static final long EXIT_PATIENCE_MILLIS = 5_000;

    private final String id;
    private final String containerId;
    private final Path directory;

    private ExecSession(String id, String containerId, Path directory) {
        this.id = id;
        this.containerId = containerId;
        this.directory = directory;
    }

    static ExecSession of(ContainerPaths paths, String id) {
        return new ExecSession(id, paths.id().hex(), paths.bundle().resolve(PREFIX + id));
    }

    String id() {
        return id;
    }

    /** Starts a process and leaves it to itself. */
    static ExecSession startDetached(LockedContainer container, ExecOptions options) throws IOException {
        ExecSession session = create(container, options);
        try {
            session.conmon(container).exec(session.request(container, options, true), session.processFile());
            container.record(EventStatus.EXEC);
            return session;
        } catch (RuntimeException e) {
            Undo.after(e, session::delete);
            throw e;
        }
    }

    /** An exec session whose streams are connected; the process runs. */
    record Attached(ExecSession session, Attachment attachment) {}

    /** Starts a process with its streams connected before it runs. */
    static Attached startAttached(LockedContainer container, ExecOptions options) throws IOException {
        ExecSession session = create(container, options);
        Connection connection = new Connection();
        try {
            session.conmon(container)
                    .execAttached(
                            session.request(container, options, false),
                            session.processFile(),
                            () -> connection.attachment = Attachment.connect(session.directory));
            container.record(EventStatus.EXEC);
            return new Attached(session, connection.required());
        } catch (RuntimeException e) {
            Undo.after(e, connection::close, session::delete);
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

    private static ExecSession create(LockedContainer container, ExecOptions options) throws IOException {
        if (container.state().status() != ContainerStatus.RUNNING) {
            throw container.stateImproper("can only create exec sessions on running containers");
        }
        if (options.command.isEmpty()) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT, "must provide a non-empty command to start an exec session");
        }
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        ExecSession session = of(container.paths(), HexFormat.of().formatHex(random));
        Files.createDirectories(session.directory.resolve("exit"));
        Files.write(session.processFile(), Json.pretty(process(container, options)));
        return session;
    }

    /** The OCI process: the container's own, with what was asked for in place. */
    private static ObjectNode process(LockedContainer container, ExecOptions options) throws IOException {
        ObjectNode spec = Json.readObject(container.paths().bundle().resolve("config.json"));
        ObjectNode process = spec.withObjectProperty("process");
        process.put("terminal", options.terminal);
        process.set("args", Json.array(options.command));
        ArrayNode environment = process.withArrayProperty("env");
        options.environment.forEach((key, value) -> environment.add(key + "=" + value));
        if (options.terminal) {
            environment.add("TERM=xterm");
        }
        if (options.workingDirectory != null) {
            process.put("cwd", options.workingDirectory);
        }
        if (options.user != null) {
            Path root = container.resources().rootFilesystem().path();
            RootUsers.User user = RootUsers.of(root).find(options.user);
            ObjectNode json = process.putObject("user").put("uid", user.uid()).put("gid", user.gid());
            ArrayNode groups = json.putArray("additionalGids");
            user.groups().forEach(groups::add);
        }
        if (options.privileged) {
            List<String> all = Capabilities.granted(true, List.of(), List.of());
            for (String set : List.of("bounding", "effective", "permitted")) {
                process.withObjectProperty("capabilities").set(set, Json.array(all));
            }
        }
        return process;
    }

    private Conmon conmon(LockedContainer container) {
        return container.engine().conmon(container.config());
    }

    private Path processFile() {
        return directory.resolve("process.json");
    }

    private Conmon.Request request(LockedContainer container, ExecOptions options, boolean cleanUp) {
        List<String> exitCommand = new ArrayList<>();
        if (cleanUp) {
            exitCommand.addAll(container.exitCommand("container", "cleanup", "--exec", id));
        }
        return new Conmon.Request(
                containerId,
                id,
                container.config().name(),
                directory,
                directory.resolve("pid"),
                directory.resolve("conmon.pid"),
                directory.resolve("exit"),
                "none",
                directory.resolve("oci-log"),
                options.terminal,
                options.interactive,
                exitCommand,
                List.of());
    }

    /** Waits for the exit code that conmon leaves after the streams were closed. */
    int awaitExitCode() throws IOException, InterruptedException {
        for (long waited = 0; waited < EXIT_PATIENCE_MILLIS; waited += 2) {
            OptionalInt code = exitCode();
            if (code.isPresent()) {
                return code.getAsInt();
            }
            Thread.sleep(2);
        }
        throw new EngineException(
                EngineException.Code.RUNTIME, "conmon left no exit code for exec session " + id + " within 5 seconds");
    }

    /** The exit code that conmon has left, if it has. */
    OptionalInt exitCode() throws IOException {
        try {
            String code = Files.readString(directory.resolve("exit").resolve(containerId))
                    .strip();
            return code.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(code));
        } catch (NoSuchFileException notYet) {
            return OptionalInt.empty();
        }
    }

    /** The sessions of a container that are known. */
    static List<String> list(ContainerPaths paths) throws IOException {
        List<String> sessions = new ArrayList<>();
        if (Files.isDirectory(paths.bundle())) {
            try (var entries = Files.newDirectoryStream(paths.bundle(), PREFIX + "*")) {
                entries.forEach(
                        entry -> sessions.add(entry.getFileName().toString().substring(PREFIX.length())));
            }
        }
        return sessions;
    }

    /** The sessions of a container whose process lives. */
    static List<String> running(ContainerPaths paths) throws IOException {
        List<String> running = new ArrayList<>();
        for (String session : list(paths)) {
            Path pidFile = of(paths, session).directory.resolve("pid");
            Path exitCode = of(paths, session)
                    .directory
                    .resolve("exit")
                    .resolve(paths.id().hex());
            if (Files.exists(pidFile) && !Files.exists(exitCode)) {
                running.add(session);
            }
        }
        return running;
    }

    /** Forgets the session. */
    void delete() throws IOException {
        Trees.delete(directory);
    }
}

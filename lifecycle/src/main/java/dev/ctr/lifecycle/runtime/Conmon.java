package dev.ctr.lifecycle.runtime;

import dev.ctr.criu.linux.ChildProcess;
import dev.ctr.criu.linux.ProcessLaunch;
import dev.ctr.criu.linux.SocketPair;
import dev.ctr.criu.linux.Stdio;
import dev.ctr.lifecycle.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Starts conmon, the small program that holds a container's standard streams, log, attach socket and exit code while
 * nobody else is there. The protocol is libpod's, in steps:
 *
 * <ol>
 *   <li>conmon starts with one end each of a sync and a start socket as descriptors 3 and 4, and waits;
 *   <li>it is placed into its cgroup, then a byte on the start socket lets it go on;
 *   <li>it leaves the foreground (its first process ends) and runs the OCI runtime;
 *   <li>it answers {@code {"data": PID}} on the sync socket, or a negative number and a message.
 * </ol>
 *
 * <p>An exec session that is attached has a third socket as descriptor 5, on which conmon says when its attach socket is
 * there; the session's process starts after a second byte on the start socket.
 */
public final class Conmon {
    private static final int SYNC = 3;
    private static final int START = 4;
    private static final int ATTACH = 5;

    private final Path program;
    private final OciRuntime runtime;
    private final Cgroup cgroup;

    private Conmon(Path program, OciRuntime runtime, Cgroup cgroup) {
        this.program = program;
        this.runtime = runtime;
        this.cgroup = cgroup;
    }

    /**
     * Finds conmon.
     *
     * @param cgroup where the conmon processes are to live
     */
    public static Conmon find(OciRuntime runtime, Cgroup cgroup) {
        return Arrays.stream(OciRuntime.searchPath().split(":", -1))
                .filter(directory -> !directory.isEmpty())
                .flatMap(directory ->
                        Stream.of(Path.of(directory, "conmon"), Path.of(directory, "../libexec/podman/conmon")))
                .filter(Files::isExecutable)
                .findFirst()
                .map(path -> new Conmon(path, runtime, cgroup))
                .orElseThrow(() -> new EngineException(
                        EngineException.Code.INVALID_ARGUMENT, "conmon was not found: install it, or run ./setup.sh"));
    }

    public Path program() {
        return program;
    }

    /**
     * What conmon is to do, for a container or for an exec session.
     *
     * @param containerId the container's ID
     * @param uuid what the attach socket and the exit code belong to: the container's ID or the session's
     * @param name the container's name, for its log
     * @param bundle where the attach socket and the control pipe appear; for a container, the OCI bundle
     * @param pidFile where the process's number is written
     * @param conmonPidFile where conmon's own number is written
     * @param exitDirectory where the exit code is written, in a file named by the container's ID
     * @param log a log driver and path, such as {@code k8s-file:/x/ctr.log}, {@code none}, {@code journald} or {@code
     *     passthrough}
     * @param runtimeLog where the runtime writes its messages
     * @param terminal whether the process has a terminal
     * @param standardInput whether standard input stays open for attached clients
     * @param exitCommand what to run when the process has ended; empty for nothing
     * @param options further options of conmon
     */
    public record Request(
            String containerId,
            String uuid,
            String name,
            Path bundle,
            Path pidFile,
            Path conmonPidFile,
            Path exitDirectory,
            String log,
            Path runtimeLog,
            boolean terminal,
            boolean standardInput,
            List<String> exitCommand,
            List<String> options) {
        /** Whether the process has this process's own streams. */
        boolean passesStreams() {
            return log.equals("passthrough");
        }
    }

    /**
     * Makes a container in the runtime.
     *
     * @return the number of its first process, which waits to be started
     */
    public long create(Request request) {
        return launch(request, List.of());
    }

    /**
     * Restores a container from CRIU images.
     *
     * @param options further options of {@code runc restore}
     * @return the number of its first process, which runs
     */
    public long restore(Request request, Path images, List<String> options) {
        List<String> arguments = new ArrayList<>(List.of("--restore", images.toString()));
        for (String option : options) {
            arguments.addAll(List.of("--runtime-opt", option));
        }
        return launch(request, arguments);
    }

    /**
     * Runs a further process in a container and leaves it to itself.
     *
     * @param processFile the OCI process to run, as JSON
     * @return its number
     */
    public long exec(Request request, Path processFile) {
        return launch(request, List.of("--exec", "--exec-process-spec", processFile.toString()));
    }

    /** Connects the streams of an exec session before its process starts. */
    @FunctionalInterface
    public interface Attaching {
        void attach() throws IOException;
    }

    /** As {@link #exec}, calling {@code attaching} when the attach socket is there and before the process starts. */
    public long execAttached(Request request, Path processFile, Attaching attaching) {
        List<String> command =
                command(request, List.of("--exec", "--exec-attach", "--exec-process-spec", processFile.toString()));
        Map<String, String> environment = environment();
        environment.put("_OCI_ATTACHPIPE", Integer.toString(ATTACH));
        try (SocketPair sync = SocketPair.sequencedPackets();
                SocketPair start = SocketPair.sequencedPackets();
                SocketPair attach = SocketPair.sequencedPackets()) {
            ChildProcess child = new ProcessLaunch(command, environment)
                    .directory(request.bundle())
                    .stdin(Stdio.discard())
                    .stdout(Stdio.discard())
                    .stderr(Stdio.discard())
                    .passDescriptor(SYNC, sync.second())
                    .passDescriptor(START, start.second())
                    .passDescriptor(ATTACH, attach.second())
                    .newProcessGroup()
                    .start();
            sync.second().close();
            start.second().close();
            attach.second().close();
            letGo(child, start);
            ConmonAnswer.read(attach.first(), "attach socket of").orThrow(request.runtimeLog());
            attaching.attach();
            start.first().write(new byte[] {0});
            return ConmonAnswer.read(sync.first(), "exec").orThrow(request.runtimeLog());
        } catch (IOException e) {
            throw failure(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private long launch(Request request, List<String> furtherArguments) {
        Stdio streams = request.passesStreams() ? Stdio.inherit() : Stdio.discard();
        try (SocketPair sync = SocketPair.sequencedPackets();
                SocketPair start = SocketPair.sequencedPackets()) {
            ChildProcess child = new ProcessLaunch(command(request, furtherArguments), environment())
                    .directory(request.bundle())
                    .stdin(streams)
                    .stdout(streams)
                    .stderr(streams)
                    .passDescriptor(SYNC, sync.second())
                    .passDescriptor(START, start.second())
                    .newProcessGroup()
                    .start();
            sync.second().close();
            start.second().close();
            letGo(child, start);
            return ConmonAnswer.read(sync.first(), "runtime").orThrow(request.runtimeLog());
        } catch (IOException e) {
            throw failure(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private void letGo(ChildProcess child, SocketPair start) throws IOException, InterruptedException {
        cgroup.enter(child.pid());
        start.first().write(new byte[] {0});
        int status = child.waitFor();
        if (status != 0) {
            throw new EngineException(
                    EngineException.Code.RUNTIME,
                    program + " ended with status " + status + " before it could hold the container");
        }
    }

    private EngineException failure(IOException e) {
        return new EngineException(EngineException.Code.RUNTIME, "cannot run " + program + ": " + e.getMessage(), e);
    }

    private EngineException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new EngineException(EngineException.Code.CANCELLED, "interrupted while " + program + " was starting", e);
    }

    private static Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        environment.put("PATH", OciRuntime.searchPath());
        environment.put("_OCI_SYNCPIPE", Integer.toString(SYNC));
        environment.put("_OCI_STARTPIPE", Integer.toString(START));
        for (String inherited : List.of("HOME", "LANG", "XDG_RUNTIME_DIR", "JAVA_HOME")) {
            String value = System.getenv(inherited);
            if (value != null) {
                environment.put(inherited, value);
            }
        }
        return environment;
    }

    private List<String> command(Request request, List<String> furtherArguments) {
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "--api-version",
                "1",
                "-c",
                request.containerId(),
                "-u",
                request.uuid(),
                "-r",
                runtime.program().toString(),
                "-b",
                request.bundle().toString(),
                "-p",
                request.pidFile().toString(),
                "-n",
                request.name(),
                "--exit-dir",
                request.exitDirectory().toString(),
                "--full-attach",
                "-l",
                request.log(),
                "--log-level",
                "warning",
                "--conmon-pidfile",
                request.conmonPidFile().toString()));
        for (String argument : runtime.globalArguments()) {
            command.addAll(List.of("--runtime-arg", argument));
        }
        for (String argument :
                List.of("--log-format=json", "--log", request.runtimeLog().toString())) {
            command.addAll(List.of("--runtime-arg", argument));
        }
        if (request.terminal()) {
            command.add("-t");
        }
        if (request.standardInput()) {
            command.add("-i");
        }
        if (!request.exitCommand().isEmpty()) {
            command.addAll(List.of("--exit-command", request.exitCommand().get(0)));
            for (String argument :
                    request.exitCommand().subList(1, request.exitCommand().size())) {
                command.addAll(List.of("--exit-command-arg", argument));
            }
        }
        command.addAll(request.options());
        command.addAll(furtherArguments);
        return command;
    }
}

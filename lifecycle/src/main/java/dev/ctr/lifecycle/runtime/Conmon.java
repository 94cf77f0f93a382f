package dev.ctr.lifecycle.runtime;

import dev.ctr.criu.linux.ChildProcess;
import dev.ctr.criu.linux.Descriptor;
import dev.ctr.criu.linux.ProcessLaunch;
import dev.ctr.criu.linux.SocketPair;
import dev.ctr.criu.linux.Stdio;
import dev.ctr.criu.linux.UnixSocket;
import dev.ctr.lifecycle.EngineException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * <p>An exec session has a third socket, on which conmon says when its attach socket is there; the session's process
 * starts after a second byte on the start socket.
 */
public final class Conmon {
    /** The first descriptor after the standard streams. */
    private static final int FIRST = 3;

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
        return launch(request, List.of(), socket -> ConmonAnswer.read(socket, "runtime"));
    }

    /**
     * Restores a container from CRIU images, however long that takes. If CRIU or the runtime is killed meanwhile, what they have
     * restored is ended and the call fails, unless it goes on already: then it has no conmon any more.
     *
     * @param options further options of {@code runc restore}
     * @param resumed a file that CRIU makes when the restored processes go on; empty if it makes none
     * @return the number of its first process, which runs
     */
    public long restore(Request request, Path images, List<String> options, Optional<Path> resumed) {
        List<String> arguments = new ArrayList<>(List.of("--restore", images.toString()));
        for (String option : options) {
            arguments.addAll(List.of("--runtime-opt", option));
        }
        RestoreWatch watch = new RestoreWatch(request, resumed);
        return launch(request, arguments, socket -> watch.completed(ConmonAnswer.read(socket, watch), runtime));
    }

    /** Waits for conmon's answer. */
    @FunctionalInterface
    private interface Waiting {
        ConmonAnswer answer(UnixSocket socket) throws IOException;
    }

    /** Connects the streams of an exec session before its process starts. */
    @FunctionalInterface
    public interface Attaching {
        void attach() throws IOException;
    }

    /**
     * Runs a further process in a container.
     *
     * @param processFile the OCI process to run, as JSON
     * @param passed what the process gets as descriptors 3, 4, …
     * @param attaching called when the attach socket is there and before the process starts
     * @return the process's number
     */
    public long exec(Request request, Path processFile, List<Descriptor> passed, Attaching attaching) {
        List<String> arguments =
                new ArrayList<>(List.of("--exec", "--exec-attach", "--exec-process-spec", processFile.toString()));
        if (!passed.isEmpty()) {
            for (String option : List.of("--preserve-fds", Integer.toString(passed.size()))) {
                arguments.addAll(List.of("--runtime-opt", option));
            }
        }
        try (Channels channels = Channels.open(passed)) {
            ChildProcess child = channels.start(launch(request, arguments, channels));
            letGo(child, channels.start());
            ConmonAnswer.read(channels.attach().first(), "attach socket of").orThrow(request.runtimeLog());
            attaching.attach();
            channels.start().first().write(new byte[] {0});
            return ConmonAnswer.read(channels.sync().first(), "exec").orThrow(request.runtimeLog());
        } catch (IOException e) {
            throw failure(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /**
     * What conmon and its parent talk through. What is passed on comes first, since the runtime counts from 3.
     *
     * @param passed descriptors for the process
     */
    private record Channels(SocketPair sync, SocketPair start, SocketPair attach, List<Descriptor> passed)
            implements Closeable {
        static Channels open(List<Descriptor> passed) throws IOException {
            return new Channels(
                    SocketPair.sequencedPackets(),
                    SocketPair.sequencedPackets(),
                    SocketPair.sequencedPackets(),
                    passed);
        }

        int syncNumber() {
            return FIRST + passed.size();
        }

        int startNumber() {
            return syncNumber() + 1;
        }

        int attachNumber() {
            return syncNumber() + 2;
        }

        /** Starts conmon with its ends. */
        ChildProcess start(ProcessLaunch launch) throws IOException {
            for (int i = 0; i < passed.size(); i++) {
                launch.passDescriptor(FIRST + i, passed.get(i));
            }
            ChildProcess child = launch.passDescriptor(syncNumber(), sync.second())
                    .passDescriptor(startNumber(), start.second())
                    .passDescriptor(attachNumber(), attach.second())
                    .start();
            sync.second().close();
            start.second().close();
            attach.second().close();
            return child;
        }

        @Override
        public void close() throws IOException {
            try (sync;
                    start;
                    attach) {
                // Closing is all.
            }
        }
    }

    private ProcessLaunch launch(Request request, List<String> furtherArguments, Channels channels) {
        Stdio streams = request.passesStreams() ? Stdio.inherit() : Stdio.discard();
        return new ProcessLaunch(command(request, furtherArguments), environment(channels))
                .directory(request.bundle())
                .stdin(streams)
                .stdout(streams)
                .stderr(streams)
                .newProcessGroup();
    }

    private long launch(Request request, List<String> furtherArguments, Waiting waiting) {
        try (Channels channels = Channels.open(List.of())) {
            ChildProcess child = channels.start(launch(request, furtherArguments, channels));
            letGo(child, channels.start());
            return waiting.answer(channels.sync().first()).orThrow(request.runtimeLog());
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

    private static Map<String, String> environment(Channels channels) {
        Map<String, String> environment = new HashMap<>();
        environment.put("PATH", OciRuntime.searchPath());
        environment.put("_OCI_SYNCPIPE", Integer.toString(channels.syncNumber()));
        environment.put("_OCI_STARTPIPE", Integer.toString(channels.startNumber()));
        environment.put("_OCI_ATTACHPIPE", Integer.toString(channels.attachNumber()));
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
        // A terminal stays open when a client goes away; with -i conmon would hang it up.
        if (request.terminal()) {
            command.add("-t");
        } else if (request.standardInput()) {
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

package dev.ctr.lifecycle.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.criu.Criu;
import dev.ctr.criu.linux.MemoryFile;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * An OCI runtime, driven by its command line as libpod drives it. Its own state lives in a directory of the engine's, so
 * that engines with different roots may hold containers of one ID.
 *
 * <p>The calls may be made from any thread; the runtime itself keeps them apart by container.
 */
public final class OciRuntime {
    /** A session of its own, in which the keys of this process's terminal do not end a dump half-way (setsid(1)). */
    private static final List<String> OUT_OF_REACH = List.of("setsid");

    private final Path program;
    private final Path stateDirectory;

    private OciRuntime(Path program, Path stateDirectory) {
        this.program = program;
        this.stateDirectory = stateDirectory;
    }

    /**
     * Finds the runtime.
     *
     * @param nameOrPath a name that is looked up in PATH and the system directories, or an absolute path
     * @param stateDirectory where the runtime is to keep its state
     */
    public static OciRuntime find(String nameOrPath, Path stateDirectory) {
        List<Path> candidates = nameOrPath.startsWith("/")
                ? List.of(Path.of(nameOrPath))
                : Arrays.stream(searchPath().split(":", -1))
                        .filter(directory -> !directory.isEmpty())
                        .map(directory -> Path.of(directory, nameOrPath))
                        .toList();
        return candidates.stream()
                .filter(Files::isExecutable)
                .findFirst()
                .map(path -> new OciRuntime(path, stateDirectory))
                .orElseThrow(() -> new EngineException(
                        EngineException.Code.INVALID_ARGUMENT,
                        "the OCI runtime \"" + nameOrPath
                                + "\" was not found: install it, or name another by --runtime"));
    }

    /** The PATH under which the runtime finds CRIU, and the engine its helpers. */
    public static String searchPath() {
        String inherited = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Criu.searchPath(inherited + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    }

    public Path program() {
        return program;
    }

    /** The runtime's name, such as {@code runc}. */
    public String name() {
        return program.getFileName().toString();
    }

    /** The options that must precede every verb. */
    public List<String> globalArguments() {
        return List.of("--root", stateDirectory.toString());
    }

    /** Starts the program of a container that was made but not started. */
    public void start(String id) {
        run("start", id);
    }

    public void kill(String id, int signal, boolean all) {
        if (all) {
            run("kill", "--all", id, Integer.toString(signal));
        } else {
            run("kill", id, Integer.toString(signal));
        }
    }

    public void pause(String id) {
        run("pause", id);
    }

    public void resume(String id) {
        run("resume", id);
    }

    /**
     * Changes the limits of a container's cgroup.
     *
     * @param resources a file with the OCI specification's {@code linux.resources}; what it leaves out stays
     */
    public void update(String id, Path resources) {
        run("update", "--resources", resources.toString(), id);
    }

    /** Removes what the runtime has of a container, killing its processes; does nothing for an unknown one. */
    public void delete(String id) {
        run("delete", "--force", id);
    }

    /** The runtime's word for a container's state ({@code created}, {@code running}, {@code paused}, {@code stopped}). */
    public record Report(String status, long pid) {}

    /** What the runtime knows of a container; empty when it does not know it. */
    public Optional<Report> state(String id) {
        Outcome outcome = execute(List.of("state", id));
        if (outcome.status != 0) {
            return Optional.empty();
        }
        try {
            JsonNode json = Json.MAPPER.readTree(outcome.output);
            return Optional.of(
                    new Report(json.path("status").asText(), json.path("pid").asLong()));
        } catch (IOException e) {
            throw new EngineException(
                    EngineException.Code.RUNTIME, name() + " state " + id + " did not answer with JSON", e);
        }
    }

    /** The program's version, as {@code runc --version} prints it in several lines. */
    public String version() {
        return execute(List.of("--version")).output.strip();
    }

    /**
     * Dumps a container with CRIU, and returns when that is done.
     *
     * @param options further options of {@code runc checkpoint}
     * @throws EngineException with the runtime's own message; CRIU's log is {@code workDirectory/dump.log}
     */
    public void checkpoint(String id, Path imageDirectory, Path workDirectory, List<String> options) {
        List<String> arguments = new ArrayList<>(List.of(
                "checkpoint", "--image-path", imageDirectory.toString(), "--work-path", workDirectory.toString()));
        arguments.addAll(options);
        arguments.add(id);
        requireSuccess("checkpoint", execute(OUT_OF_REACH, arguments));
    }

    private void run(String... arguments) {
        requireSuccess(arguments[0], execute(List.of(arguments)));
    }

    private void requireSuccess(String verb, Outcome outcome) {
        if (outcome.status != 0) {
            throw new EngineException(
                    EngineException.Code.RUNTIME,
                    name() + " " + verb + " failed: " + RuntimeMessage.sentence(outcome.errors));
        }
    }

    private record Outcome(int status, String output, String errors) {}

    private Outcome execute(List<String> arguments) {
        return execute(List.of(), arguments);
    }

    private Outcome execute(List<String> prefix, List<String> arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(program.toString());
        command.addAll(globalArguments());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectInput(ProcessBuilder.Redirect.from(DEV_NULL));
        builder.environment().put("PATH", searchPath());
        builder.environment().remove("NOTIFY_SOCKET");
        try (MemoryFile errors = MemoryFile.create()) {
            Process process = builder.redirectError(errors.path().toFile()).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            return new Outcome(status, output, errors.text());
        } catch (IOException e) {
            throw new EngineException(EngineException.Code.RUNTIME, "cannot run " + program + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException(
                    EngineException.Code.CANCELLED,
                    "interrupted while " + name() + " " + arguments.get(0).toLowerCase(Locale.ROOT) + " was running",
                    e);
        }
    }

    private static final java.io.File DEV_NULL = new java.io.File("/dev/null");
}

package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A CNI plugin at work. Several may be at work at once; whoever started one awaits it.
 *
 * <p>Input and output are far smaller than what a pipe holds, so nothing has to be read while the plugin runs.
 */
final class PluginRun {
    /** The environment variable that tells whose a plugin process is; iptables and IPAM plugins inherit it. */
    static final String CONTAINER_ID_VARIABLE = "CNI_CONTAINERID";

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(20);

    private final CniPlugins.Command command;
    private final String type;
    private final Process process;

    private PluginRun(CniPlugins.Command command, String type, Process process) {
        this.command = command;
        this.type = type;
        this.process = process;
    }

    static PluginRun start(CniPlugins.Command command, String type, ProcessBuilder builder, ObjectNode configuration)
            throws IOException {
        byte[] input = Json.MAPPER.writeValueAsBytes(configuration);
        Process process = builder.start();
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input);
        } catch (IOException e) {
            // It ended without reading; await() tells why.
        }
        return new PluginRun(command, type, process);
    }

    /**
     * Waits until the plugin has ended.
     *
     * @return its result; empty if it printed none
     * @throws EngineException RUNTIME with the plugin's own words if it failed or took more than a minute, CANCELLED if the
     *     thread is interrupted; in the last two cases the plugin has been killed
     */
    ObjectNode await() {
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw failed("it did not end within " + PATIENCE.toSeconds() + " seconds and was killed");
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.exitValue() != 0) {
                throw failed(reason(output, errors));
            }
            return output.isBlank() ? Json.object() : result(output);
        } catch (IOException e) {
            throw failed("its output cannot be read: " + e.getMessage());
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new EngineException(
                    EngineException.Code.CANCELLED, "interrupted while the CNI plugin " + type + " was at work", e);
        }
    }

    /** Waits until the plugin has ended, however it ends. */
    void awaitQuietly() {
        try {
            await();
        } catch (EngineException e) {
            // Another failure is being reported; this one's effects are undone with it.
        }
    }

    /**
     * Waits for the end of plugins that were started for a container by a process that is no more: they go on without it, and
     * what they are about to make could not be undone before they have made it.
     *
     * @throws EngineException RUNTIME if one of them does not end
     */
    static void awaitOrphans(String containerId) throws IOException, InterruptedException {
        String mark = CONTAINER_ID_VARIABLE + "=" + containerId + "\0";
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (isAtWork(mark)) {
            if (System.nanoTime() > deadline) {
                throw new EngineException(
                        EngineException.Code.RUNTIME,
                        "a CNI plugin started earlier for " + containerId + " does not end; find it with: grep -l "
                                + containerId + " /proc/*/environ");
            }
            Thread.sleep(POLL.toMillis());
        }
    }

    private static boolean isAtWork(String mark) throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(process ->
                            Character.isDigit(process.getFileName().toString().charAt(0)))
                    .anyMatch(process -> environment(process).contains(mark));
        }
    }

    private static String environment(Path process) {
        try {
            return Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    private static ObjectNode result(String output) throws IOException {
        JsonNode parsed = Json.MAPPER.readTree(output);
        if (parsed instanceof ObjectNode object) {
            return object;
        }
        throw new IOException("it is not a JSON object: " + output.strip());
    }

    /** The plugin's error object says why; a plugin that broke down has only standard error. */
    private static String reason(String output, String errors) {
        try {
            JsonNode error = Json.MAPPER.readTree(output);
            String message = error.path("msg").asText("");
            String details = error.path("details").asText("");
            if (!message.isBlank()) {
                return details.isBlank() ? message : message + " (" + details + ")";
            }
        } catch (JsonProcessingException e) {
            // What it printed is all there is.
        }
        String printed = (output + " " + errors).strip();
        return printed.isEmpty() ? "it gave no reason" : printed;
    }

    private EngineException failed(String reason) {
        return new EngineException(
                EngineException.Code.RUNTIME, "the CNI plugin " + type + " failed at " + command + ": " + reason);
    }
}

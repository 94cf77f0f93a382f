package dev.ctr.lifecycle.image;

import dev.ctr.lifecycle.EngineException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/** One run of skopeo, which talks to registries. Its output goes through files, so that it never waits for us. */
final class SkopeoRun {
    private static final int MAX_OUTPUT = 4 << 20;
    private static final long TICK_MILLIS = 100;

    private final List<String> command = new ArrayList<>(List.of("skopeo", "--insecure-policy"));
    private final String attempt;
    private final Path scratch;
    private String input = "";
    private LongConsumer ticks = pid -> {};

    /**
     * A run that was not begun.
     *
     * @param attempt what it is for, such as {@code pull NAME}
     * @param scratch a directory for its temporary files
     */
    SkopeoRun(String attempt, Path scratch) {
        this.attempt = attempt;
        this.scratch = scratch;
        with("--tmpdir", scratch.toString());
    }

    SkopeoRun with(String... arguments) {
        command.addAll(List.of(arguments));
        return this;
    }

    SkopeoRun with(List<String> arguments) {
        command.addAll(arguments);
        return this;
    }

    /** Given on standard input: a command line is everybody's to see. */
    SkopeoRun withInput(String text) {
        input = text;
        return this;
    }

    /** Told the process's number several times a second while it runs. */
    SkopeoRun ticking(LongConsumer ticking) {
        ticks = ticking;
        return this;
    }

    /**
     * Runs it to its end.
     *
     * @return what it printed
     * @throws EngineException with {@code RUNTIME} when it fails, {@code CANCELLED} when the thread is interrupted
     */
    byte[] run() throws IOException {
        Path output = scratch.resolve("skopeo.out");
        Path errors = scratch.resolve("skopeo.err");
        Process process = start(output, errors);
        try {
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            while (!process.waitFor(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
                ticks.accept(process.pid());
            }
            if (process.exitValue() != 0) {
                throw new EngineException(
                        EngineException.Code.RUNTIME,
                        "cannot " + attempt + ": " + reason(head(errors), process.exitValue()));
            }
            return head(output);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException(EngineException.Code.CANCELLED, "cannot " + attempt + ": cancelled", e);
        } finally {
            process.destroyForcibly().onExit().join();
        }
    }

    private Process start(Path output, Path errors) throws IOException {
        try {
            return new ProcessBuilder(command)
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start();
        } catch (IOException e) {
            throw new EngineException(
                    EngineException.Code.RUNTIME,
                    "cannot " + attempt + ": skopeo, which moves images, cannot be run; install it",
                    e);
        }
    }

    private static byte[] head(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(MAX_OUTPUT);
        }
    }

    private static String reason(byte[] errors, int status) {
        List<String> lines = new String(errors, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
        return lines.isEmpty()
                ? "skopeo ended with status " + status
                : RegistryFailure.sentence(message(lines.get(lines.size() - 1)));
    }

    /** skopeo's last line is a logrus record: {@code time="…" level=fatal msg="…"}. */
    private static String message(String line) {
        int start = line.indexOf("msg=\"");
        if (start < 0 || !line.endsWith("\"")) {
            return line;
        }
        return line.substring(start + 5, line.length() - 1).replace("\\\"", "\"");
    }
}

package dev.ctr.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs to their end. */
final class Commands {
    private static final long PATIENCE_SECONDS = 120;

    private Commands() {}

    static CommandResult run(String... command) {
        return run(Map.of(), List.of(command));
    }

    /** Runs a program with further environment variables and an empty standard input. */
    static CommandResult run(Map<String, String> environment, List<String> command) {
        try {
            Path output = Files.createTempFile("ctr-test-", ".out");
            Path errors = Files.createTempFile("ctr-test-", ".err");
            try {
                Process process = start(environment, command, output, errors);
                if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                    throw new AssertionError(String.join(" ", command) + " did not end within " + PATIENCE_SECONDS
                            + " s; stderr: " + Files.readString(errors));
                }
                return new CommandResult(
                        command, process.exitValue(), Files.readString(output), Files.readString(errors));
            } finally {
                Files.deleteIfExists(output);
                Files.deleteIfExists(errors);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Starts a program whose output goes to files. */
    static Process start(Map<String, String> environment, List<String> command, Path output, Path errors)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Whether a program is in PATH; a test that needs it is skipped without. */
    static boolean exists(String program) {
        return run("sh", "-c", "command -v " + program).exitCode() == 0;
    }
}

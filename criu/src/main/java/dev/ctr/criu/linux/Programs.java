package dev.ctr.criu.linux;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Finds short-running programs and asks them for their output. Needs no native code. */
public final class Programs {
    private Programs() {}

    /**
     * The first executable of this name.
     *
     * @param name a file name, or a path (has a slash), which is then taken as it is
     * @param searchPath directories, separated by colons, as in {@code PATH}
     */
    public static Optional<Path> find(String name, String searchPath) {
        if (name.contains("/")) {
            return Optional.of(Path.of(name)).filter(Programs::isProgram);
        }
        for (String entry : searchPath.split(":", -1)) {
            Path candidate = Path.of(entry.isEmpty() ? "." : entry, name).toAbsolutePath();
            if (isProgram(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /**
     * Runs a program with empty input and waits for its end. Its output is meant to be small: all of it is kept.
     *
     * @param environment the program's whole environment
     * @throws IOException if it cannot be started, or has not ended in time; then it was killed
     */
    public static ProgramOutput run(List<String> command, Map<String, String> environment, Duration timeout)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            CompletableFuture<String> stdout = reading(process.getInputStream());
            CompletableFuture<String> stderr = reading(process.getErrorStream());
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(
                        String.join(" ", command) + " has not ended within " + timeout.toSeconds() + " seconds");
            }
            return new ProgramOutput(process.exitValue(), stdout.join(), stderr.join());
        } catch (CompletionException e) {
            throw new IOException("Cannot read what " + command.get(0) + " says: " + e.getMessage(), e);
        } finally {
            process.destroyForcibly();
        }
    }

    static boolean isProgram(Path path) {
        return Files.isRegularFile(path) && Files.isExecutable(path);
    }

    private static CompletableFuture<String> reading(InputStream stream) {
        return CompletableFuture.supplyAsync(() -> read(stream), task -> {
            Thread thread = new Thread(task, "program-output");
            thread.setDaemon(true);
            thread.start();
        });
    }

    private static String read(InputStream stream) {
        try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

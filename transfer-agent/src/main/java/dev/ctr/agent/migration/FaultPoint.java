package dev.ctr.agent.migration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Named moments at which a test can interfere, by a variable in this process's environment: with {@code CTR_FAULT=target-held} it dies
 * there as by SIGKILL; with {@code CTR_FAULT=target-held=FILE} the first thread that comes by makes the file, and waits until it is
 * gone. Without the variable they do nothing.
 */
final class FaultPoint {
    private static final String FAULT = System.getenv().getOrDefault("CTR_FAULT", "");
    private static final int KILLED = 137;
    private static final long POLL_MILLIS = 5;
    private static final AtomicBoolean HELD = new AtomicBoolean();

    private FaultPoint() {}

    static void at(String point) {
        if (FAULT.isEmpty()) {
            return;
        }
        if (FAULT.equals(point)) {
            Runtime.getRuntime().halt(KILLED);
        } else if (FAULT.startsWith(point + "=") && HELD.compareAndSet(false, true)) {
            holdBy(Path.of(FAULT.substring(point.length() + 1)));
        }
    }

    private static void holdBy(Path file) {
        try {
            Files.createFile(file);
            while (Files.exists(file)) {
                Thread.sleep(POLL_MILLIS);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package dev.ctr.cli;

import dev.ctr.archive.Compression;
import dev.ctr.criu.linux.Pipe;
import dev.ctr.lifecycle.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Set;

/**
 * Loads what a command is going to need on a thread of its own, while the first one reads the command line: a third of the
 * time of a short command is Java's classes being loaded for the first time. It changes nothing, and nobody waits for it.
 */
final class HeadStart {
    /** The commands that work on containers, and with archives. */
    private static final Set<String> WORKING = Set.of("run", "start", "exec", "restore", "checkpoint", "migrate");

    private static final Set<String> ARCHIVING = Set.of("restore", "checkpoint", "migrate");

    private HeadStart() {}

    static void begin(List<String> arguments) {
        if (Runtime.getRuntime().availableProcessors() > 1 && arguments.stream().anyMatch(WORKING::contains)) {
            boolean archiving = arguments.stream().anyMatch(ARCHIVING::contains);
            Thread thread = new Thread(() -> load(archiving), "head-start");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private static void load(boolean archiving) {
        try {
            String number = "%d".formatted(1);
            Json.MAPPER.writeValueAsBytes(Json.MAPPER.readTree(number));
            Pipe.open().close();
            if (archiving) {
                Compression.ZSTD.compress(OutputStream.nullOutputStream(), 1).close();
            }
        } catch (IOException | RuntimeException | LinkageError e) {
            // Who needs it will try for itself, and say what is wrong.
        }
    }
}

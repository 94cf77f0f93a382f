package dev.ctr.archive;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Runs a script of the shell, which is how the tests make trees. */
final class Shell {
    private Shell() {}

    /** Runs a script in a directory and returns what it prints; a failing command fails the test. */
    static String run(Path directory, String script) {
        try {
            Path output = Files.createTempFile("ctr-shell", ".out");
            try {
                int exit = new ProcessBuilder("bash", "-euc", script)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start()
                        .waitFor();
                String text = Files.readString(output, StandardCharsets.ISO_8859_1);
                if (exit != 0) {
                    throw new AssertionError("exit " + exit + " of: " + script + "\n" + text);
                }
                return text;
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new AssertionError("cannot run: " + script, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted: " + script, e);
        }
    }
}

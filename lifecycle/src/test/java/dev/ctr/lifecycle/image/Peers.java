package dev.ctr.lifecycle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Other programs that tests talk to. podman gets a store of its own, so that nothing of the host's is touched. */
final class Peers {
    private final Path directory;

    Peers(Path directory) {
        this.directory = directory;
    }

    static void assumeInstalled(String program) {
        boolean found = List.of(System.getenv("PATH").split(":", -1)).stream()
                .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
        assumeTrue(found, program + " is not installed");
    }

    static void assumeRoot() {
        assumeTrue(
                "root".equals(System.getProperty("user.name")), "unpacking layers with owners and devices needs root");
    }

    /** Runs podman with the slow but undemanding vfs driver. */
    String podman(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                "podman",
                "--root",
                directory.resolve("podman-root").toString(),
                "--runroot",
                directory.resolve("podman-run").toString(),
                "--storage-driver",
                "vfs"));
        command.addAll(List.of(arguments));
        return run(command);
    }

    static String run(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(command + ": " + output).isZero();
            return output.strip();
        } catch (IOException e) {
            throw new AssertionError(command.toString(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(command.toString(), e);
        }
    }
}

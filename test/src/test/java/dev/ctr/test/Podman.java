package dev.ctr.test;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Real podman, with a store, run directory and configuration of its own, and the CRIU that {@code ctr} uses. Only its volumes lie
 * in the usual place, because podman's archives, and those for podman, name that; a test gives its volumes a name of its own.
 * Closing removes containers and volumes.
 */
final class Podman implements AutoCloseable {
    /** runc, because Debian's crun has no CRIU; limits, because the usual ones may be above what this host allows. */
    private static final String CONFIGURATION = """
            [containers]
            default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
            [engine]
            runtime = "runc"
            cgroup_manager = "cgroupfs"
            events_logger = "file"
            """;

    private final Path directory;

    private Podman(Path directory) {
        this.directory = directory;
    }

    /**
     * Sets podman up with busybox as its image {@code bb}. The calling test is skipped where podman is missing or cannot run a
     * container.
     */
    static Podman assumeUsable() {
        assumeTrue(Commands.exists("podman"), "podman is not installed");
        Podman podman = create();
        try {
            CommandResult imported = podman.run("import", "-q", Busybox.tar().toString(), "bb");
            assumeTrue(imported.exitCode() == 0, "podman cannot import an image: " + imported.errors());
            CommandResult trial = podman.run("run", "--rm", "--network", "none", "bb", "true");
            assumeTrue(trial.exitCode() == 0, "podman cannot run a container: " + trial.errors());
        } catch (RuntimeException | Error e) {
            podman.close();
            throw e;
        }
        return podman;
    }

    private static Podman create() {
        try {
            Path directory = Files.createTempDirectory("ctr-test-podman-");
            Files.writeString(directory.resolve("containers.conf"), CONFIGURATION);
            return new Podman(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where files of the test may be put; deleted at the end. */
    Path directory() {
        return directory;
    }

    /** Runs podman, however it ends. */
    CommandResult run(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                "podman",
                "--root",
                directory.resolve("root").toString(),
                "--runroot",
                directory.resolve("run").toString(),
                "--tmpdir",
                directory.resolve("tmp").toString(),
                "--volumepath",
                "/var/lib/containers/storage/volumes",
                "--storage-driver",
                "overlay"));
        command.addAll(List.of(arguments));
        return Commands.run(environment(), command);
    }

    /** Runs podman, which must succeed, and returns its output. */
    String podman(String... arguments) {
        return run(arguments).succeeded();
    }

    private Map<String, String> environment() {
        return Map.of(
                "CONTAINERS_CONF",
                directory.resolve("containers.conf").toString(),
                "PATH",
                "/usr/local/lib/ctr/bin:" + System.getenv("PATH"));
    }

    @Override
    public void close() {
        try {
            run("rm", "-f", "-a", "-t", "0");
            run("volume", "rm", "-a");
        } finally {
            // Storage stays mounted after a removal that failed; a deletion must not walk into it.
            Leftovers.unmountBelow(directory);
            Leftovers.deleteTree(directory);
        }
    }
}

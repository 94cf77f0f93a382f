package dev.ctr.test;

import dev.ctr.lifecycle.CgroupManager;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineOptions;
import dev.ctr.lifecycle.image.ImportOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A root and run root of its own, on which the {@code ctr} command works, with a cgroup parent of its own. Closing removes
 * every container, and fails if anything of them is left on the machine.
 */
final class CtrRoot implements AutoCloseable {
    private final Path directory;
    private final String cgroupParent;

    private CtrRoot(Path directory) {
        this.directory = directory;
        this.cgroupParent = "/" + directory.getFileName();
    }

    static CtrRoot create() {
        try {
            return new CtrRoot(Files.createTempDirectory("ctr-test-"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The root of another process of the same test. */
    static CtrRoot at(Path directory) {
        return new CtrRoot(directory);
    }

    /** Where files of the test may be put; deleted at the end. */
    Path directory() {
        return directory;
    }

    Path root() {
        return directory.resolve("root");
    }

    Path runRoot() {
        return directory.resolve("run");
    }

    String cgroupParent() {
        return cgroupParent;
    }

    /** The command line of {@code ctr} on this root. */
    List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                launcher().toString(),
                "--root",
                root().toString(),
                "--runroot",
                runRoot().toString(),
                "--cgroup-parent",
                cgroupParent));
        command.addAll(List.of(arguments));
        return command;
    }

    /**
     * The library on this root.
     *
     * @param exitCommand what conmon runs when a container ends, or empty when nobody is to clean up behind the caller
     */
    Engine engine(List<String> exitCommand) {
        return engine(EngineOptions.DEFAULT_RUNTIME, exitCommand);
    }

    /** As {@link #engine(List)}, with another runtime. */
    Engine engine(String runtime, List<String> exitCommand) {
        return Engine.open(
                new EngineOptions(root(), runRoot(), runtime, CgroupManager.CGROUPFS, cgroupParent, exitCommand));
    }

    /** The launcher at the top of the source tree. */
    static Path launcher() {
        Path directory = Path.of("").toAbsolutePath();
        while (directory != null && !Files.isExecutable(directory.resolve("ctr"))) {
            directory = directory.getParent();
        }
        if (directory == null) {
            throw new AssertionError(
                    "the launcher ctr is not above " + Path.of("").toAbsolutePath());
        }
        return directory.resolve("ctr");
    }

    /** Runs {@code ctr} on this root, however it ends. */
    CommandResult run(String... arguments) {
        return Commands.run(Map.of(), command(arguments));
    }

    /** Runs {@code ctr} on this root, which must succeed, and returns its output. */
    String ctr(String... arguments) {
        return run(arguments).succeeded();
    }

    /** The engine on this root, for what is quicker without a command; conmon calls the launcher back as ever. */
    Engine engine() {
        return engine(List.of(launcher().toString()));
    }

    /** Imports a busybox root file system as the image {@code bb}, with what {@link Busybox} puts there. */
    CtrRoot withBusybox() {
        try (InputStream tar = Files.newInputStream(Busybox.tar())) {
            engine().images().importTar(tar, new ImportOptions("bb", List.of(), ""));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the containers of this root have left on the machine, one line each. */
    List<String> leftovers() {
        return Leftovers.of(this);
    }

    @Override
    public void close() {
        try {
            if (Files.isDirectory(root().resolve("pods"))) {
                run("pod", "rm", "-f", "-a", "-t", "0");
            }
            run("rm", "-f", "-a", "-t", "0");
            List<String> left = leftovers();
            Leftovers.clear(this);
            if (!left.isEmpty()) {
                throw new AssertionError("left behind after every container was removed:\n" + String.join("\n", left));
            }
        } finally {
            Leftovers.deleteTree(directory);
        }
    }
}

package dev.ctr.criu.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The overlay file system. */
public final class Overlay {
    private Overlay() {}

    /**
     * Tries whether overlays can be mounted whose layers lie in {@code directory}, in a mount namespace that ends with the
     * trial.
     *
     * @throws IOException if the trial itself is not possible
     */
    public static boolean isUsable(Path directory) throws IOException, InterruptedException {
        Path trial = Files.createTempDirectory(directory, ".overlay-trial-");
        try {
            Path lower = Files.createDirectory(trial.resolve("lower"));
            Path upper = Files.createDirectory(trial.resolve("upper"));
            Path work = Files.createDirectory(trial.resolve("work"));
            Path merged = Files.createDirectory(trial.resolve("merged"));
            Files.createFile(lower.resolve("file"));
            return NamespaceThread.call(() -> {
                if (LibC.unshare(LibC.CLONE_NEWNS) == -1) {
                    throw LibC.failure("make a mount namespace");
                }
                Mounts.mount("none", Path.of("/"), "", Mounts.REC | Mounts.PRIVATE, "");
                String layers = "lowerdir=" + lower + ",upperdir=" + upper + ",workdir=" + work;
                try {
                    Mounts.mount("overlay", merged, "overlay", 0, layers);
                } catch (LinuxException e) {
                    return false;
                }
                Files.delete(merged.resolve("file"));
                return Files.exists(lower.resolve("file"));
            });
        } finally {
            Trees.delete(trial);
        }
    }
}

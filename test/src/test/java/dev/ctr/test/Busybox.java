package dev.ctr.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A small real root file system: busybox with its commands, and a few files to change. */
final class Busybox {
    private static final List<String> DIRECTORIES =
            List.of("bin", "dev", "etc", "proc", "root", "run", "sys", "tmp", "var", "usr", "app", "data");

    private Busybox() {}

    /** Lays the root file system out in a directory, which is made. */
    static Path layOut(Path root) {
        try {
            for (String directory : DIRECTORIES) {
                Files.createDirectories(root.resolve(directory));
            }
            Path program =
                    Path.of(Commands.run("sh", "-c", "command -v busybox").succeeded());
            Files.copy(program.toRealPath(), root.resolve("bin/busybox"));
            root.resolve("bin/busybox").toFile().setExecutable(true, false);
            for (String applet :
                    Commands.run("busybox", "--list").succeeded().lines().toList()) {
                Path link = root.resolve("bin").resolve(applet);
                if (!Files.exists(link)) {
                    Files.createSymbolicLink(link, Path.of("busybox"));
                }
            }
            Files.writeString(root.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
            Files.writeString(root.resolve("etc/group"), "root:x:0:\n");
            Files.writeString(root.resolve("etc/motd"), "welcome\n");
            Files.writeString(root.resolve("app/conf"), "from the image\n");
            return root;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies a program of the host into a root file system's /bin, with the libraries that it needs in their places. */
    static void addProgram(Path root, String name) {
        String program = Commands.run("sh", "-c", "readlink -f $(command -v " + name + ")")
                .succeeded();
        String copy = "cp --parents -L $(ldd " + program + " | grep -o '/[^ ]*') " + root + " && cp " + program + " "
                + root.resolve("bin").resolve(name);
        Commands.run("sh", "-c", copy).succeeded();
    }

    /** The root file system as a tar, made once for the whole run. */
    static Path tar() {
        return Tar.FILE;
    }

    private static final class Tar {
        static final Path FILE = make();

        private static Path make() {
            try {
                Path directory = Files.createTempDirectory("ctr-test-busybox-");
                Path tar = directory.resolve("bb.tar");
                Path root = layOut(directory.resolve("root"));
                if (!Files.exists(root.resolve("bin/flock"))) {
                    addProgram(root, "flock");
                }
                Commands.run("tar", "-C", root.toString(), "-cf", tar.toString(), ".")
                        .succeeded();
                Leftovers.deleteTree(root);
                Runtime.getRuntime().addShutdownHook(new Thread(() -> Leftovers.deleteTree(directory)));
                return tar;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}

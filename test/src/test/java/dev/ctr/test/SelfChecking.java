package dev.ctr.test;

import dev.ctr.lifecycle.Container;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * Programs that check all their state some twenty times a second, and print {@code ok 1}, {@code ok 2} and so on as long as it is right,
 * or else {@code wrong:} and why. Their images hold the host's own interpreters, as much of them as they use.
 */
final class SelfChecking {
    private static final String MODULES = """
            import ctypes, encodings.idna, mmap, os, select, signal, socket, struct, sys, time
            print(*sorted({module.__file__ for module in sys.modules.values() if getattr(module, "__file__", None)}))
            """;

    private SelfChecking() {}

    /** What runs one of the programs in {@code resources/…/workload} in the image of {@link #pythonImage}. */
    static List<String> python(String program) {
        return List.of("python3", "-E", "-S", "-B", "/app/" + program);
    }

    /** What runs {@link FiftyThreads} in the image of {@link #javaImage}. */
    static List<String> java() {
        return List.of("/java/bin/java", "-Xmx64m", "-XX:+UseSerialGC", "-cp", "/app", FiftyThreads.class.getName());
    }

    /** An image of Debian's Python, its modules that the programs use, and some of the programs. */
    static Path pythonImage(Path directory, String... programs) throws IOException {
        Path rootfs = Busybox.layOut(directory.resolve("python"));
        String python = "/usr/bin/python3";
        String modules = Commands.run(python, "-E", "-S", "-c", MODULES).succeeded();
        Commands.run(
                        "sh",
                        "-c",
                        "cp -L " + python + " " + rootfs + "/bin/python3 && cp --parents -L " + modules
                                + " $(ldd " + python + " $(echo " + modules + " | tr ' ' '\\n' | grep '[.]so$')"
                                + " | grep -o '/[^ ]* (0x' | cut -d' ' -f1 | sort -u) " + rootfs)
                .succeeded();
        for (String program : programs) {
            copy("workload/" + program, rootfs.resolve("app").resolve(program));
        }
        return tar(rootfs);
    }

    /** An image of a small Java virtual machine and {@link FiftyThreads}. */
    static Path javaImage(Path directory) throws IOException {
        Path rootfs = Busybox.layOut(directory.resolve("java"));
        Path java = rootfs.resolve("java");
        Commands.run("jlink", "--add-modules", "java.base", "--output", java.toString())
                .succeeded();
        Commands.run(
                        "sh",
                        "-c",
                        "cp --parents -L $(ldd " + java + "/bin/java " + java
                                + "/lib/server/libjvm.so | grep -o '/[^ ]* (0x' | cut -d' ' -f1 | grep -v ^" + java
                                + " | sort -u) " + rootfs)
                .succeeded();
        Path classes = Files.createDirectories(rootfs.resolve("app/dev/ctr/test"));
        for (String name : List.of("FiftyThreads.class", "FiftyThreads$Adding.class")) {
            copy(name, classes.resolve(name));
        }
        return tar(rootfs);
    }

    private static void copy(String resource, Path target) throws IOException {
        try (InputStream in = SelfChecking.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new AssertionError("the tests lack their resource " + resource);
            }
            Files.copy(in, target);
        }
    }

    private static Path tar(Path rootfs) {
        Path tar = rootfs.resolveSibling(rootfs.getFileName() + ".tar");
        Commands.run("tar", "-C", rootfs.toString(), "-cf", tar.toString(), ".").succeeded();
        Leftovers.deleteTree(rootfs);
        return tar;
    }

    /** Waits until a program has found itself right some times more, and fails if it ever has not. */
    static int awaitMore(Container container) {
        int from = count(container);
        Awaitility.await().until(() -> count(container) >= from + 10);
        return count(container);
    }

    /** How often a program has found itself right: every number must be in its log, once and in order. */
    private static int count(Container container) {
        List<String> lines = Workbench.log(container).lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).equals("ok " + (i + 1))) {
                throw new AssertionError("after " + i + " lines it says: " + lines.get(i));
            }
        }
        return lines.size();
    }
}

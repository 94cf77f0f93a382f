package dev.ctr.test;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small file system of its own for a host's root, so that it can be full. Closing removes the host's containers and it. */
final class SmallDisk implements AutoCloseable {
    private static final int MEBIBYTES = 512;

    private final TestHost host;
    private final Path root;

    private SmallDisk(TestHost host) {
        this.host = host;
        this.root = host.root().root();
    }

    /** Puts a host's root on such a file system, with what is in it. No container may be there. */
    static SmallDisk of(TestHost host) throws IOException {
        SmallDisk disk = new SmallDisk(host);
        Path aside = Files.createDirectory(host.root().directory().resolve("aside"));
        run("mount", "-t", "tmpfs", "-o", "size=" + MEBIBYTES + "m", "small", aside.toString());
        try {
            run("cp", "-a", disk.root + "/.", aside.toString());
            run("mount", "--bind", aside.toString(), disk.root.toString());
        } finally {
            run("umount", aside.toString());
        }
        Files.delete(aside);
        return disk;
    }

    private static void run(String... command) {
        Commands.run(command).succeeded();
    }

    private Path filler() {
        return root.resolve("filler");
    }

    /** Leaves no room on it. */
    void fill() throws IOException {
        byte[] block = new byte[1 << 12];
        try (OutputStream out = Files.newOutputStream(filler())) {
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            if (Files.getFileStore(root).getUsableSpace() > 0) {
                throw full;
            }
        }
    }

    /** Gives the room back. */
    void empty() throws IOException {
        Files.deleteIfExists(filler());
    }

    @Override
    public void close() {
        host.run("rm", "-f", "-a", "-t", "0");
        // What ends with the containers may have it open a moment longer.
        await().until(() -> Commands.run("umount", root.toString()).exitCode() == 0);
    }
}

package dev.ctr.test;

import static org.awaitility.Awaitility.await;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** A real Redis as a workload: the host's program in an image, and a client that holds one connection. */
final class Redis {
    /** The port that it listens on. */
    static final int PORT = 6379;

    private static final int VALUE_BYTES = 1 << 16;
    private static final int PIPELINED = 64;

    /** What runs it in a container that has nothing but its image. */
    static final List<String> COMMAND = List.of(
            "redis-server",
            "--save",
            "",
            "--protected-mode",
            "no",
            "--daemonize",
            "no",
            "--enable-debug-command",
            "yes");

    private Redis() {}

    /** The host's Redis and the libraries that it needs, as a root file system in a tar in this directory. */
    static Path image(Path directory) {
        Path rootfs = Busybox.layOut(directory.resolve("redis"));
        Busybox.addProgram(rootfs, "redis-server");
        Path tar = directory.resolve("redis.tar");
        Commands.run("tar", "-C", rootfs.toString(), "-cf", tar.toString(), ".").succeeded();
        return tar;
    }

    /** Waits until it answers, and connects. */
    static Client connect(String address) {
        return connect(address, PORT);
    }

    /** As {@link #connect(String)}, on another port than Redis' own. */
    static Client connect(String address, int port) {
        await().ignoreExceptions().until(() -> {
            try (Client client = new Client(address, port)) {
                return client.ask("PING").equals("+PONG");
            }
        });
        try {
            return new Client(address, port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One connection, on which commands are sent and their one-line answers read. */
    static final class Client implements AutoCloseable {
        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;

        Client(String address, int port) throws IOException {
            socket = new Socket(address, port);
            socket.setSoTimeout(60_000);
            in = new BufferedInputStream(socket.getInputStream());
            out = new BufferedOutputStream(socket.getOutputStream());
        }

        String ask(String command) throws IOException {
            say(command);
            return answer();
        }

        void say(String command) throws IOException {
            out.write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        }

        String answer() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int read = in.read(); read != '\n'; read = in.read()) {
                if (read < 0) {
                    throw new IOException("the connection was closed by Redis");
                }
                line.write(read);
            }
            return line.toString(StandardCharsets.UTF_8).strip();
        }

        /** Fills memory with values of which a compressor saves half: random bytes, and as many zeros. */
        void fill(long bytes) throws IOException {
            byte[] value = new byte[VALUE_BYTES];
            byte[] half = new byte[VALUE_BYTES / 2];
            Random random = new Random(1);
            long count = bytes / VALUE_BYTES;
            for (long key = 0; key < count; key++) {
                random.nextBytes(half);
                System.arraycopy(half, 0, value, 0, half.length);
                out.write("*3\r\n$3\r\nSET\r\n$12\r\n%012d\r\n$%d\r\n"
                        .formatted(key, VALUE_BYTES)
                        .getBytes(StandardCharsets.UTF_8));
                out.write(value);
                out.write("\r\n".getBytes(StandardCharsets.UTF_8));
                if (key % PIPELINED == PIPELINED - 1 || key == count - 1) {
                    out.flush();
                    for (long answers = key % PIPELINED; answers >= 0; answers--) {
                        answer();
                    }
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}

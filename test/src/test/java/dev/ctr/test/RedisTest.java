package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real Redis with a connected client. */
class RedisTest {
    private static final int KEYS = 100_000;

    private final CtrRoot root = CtrRoot.create();

    @BeforeEach
    void importImage() {
        assumeTrue(Commands.exists("redis-server"), "redis-server is not installed");
        root.ctr("import", redisImage().toString(), "redis");
    }

    @AfterEach
    void leaveNothing() {
        root.close();
    }

    /** The host's Redis and the libraries that it needs, as a root file system. */
    private Path redisImage() {
        Path rootfs = Busybox.layOut(root.directory().resolve("redis"));
        Busybox.addProgram(rootfs, "redis-server");
        Path tar = root.directory().resolve("redis.tar");
        Commands.run("tar", "-C", rootfs.toString(), "-cf", tar.toString(), ".").succeeded();
        return tar;
    }

    /** One connection, on which commands are sent and their one-line answers read. */
    private static final class Client implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader in;
        private final OutputStream out;

        Client(String address) throws IOException {
            socket = new Socket(address, 6379);
            socket.setSoTimeout(60_000);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            out = socket.getOutputStream();
        }

        String ask(String command) throws IOException {
            out.write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
            return in.readLine();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private String runRedis() {
        root.ctr(
                "run",
                "-d",
                "--name",
                "redis",
                "--network",
                "bridge",
                "redis",
                "redis-server",
                "--save",
                "",
                "--protected-mode",
                "no",
                "--daemonize",
                "no",
                "--enable-debug-command",
                "yes");
        return root.ctr("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", "redis");
    }

    private static Client connect(String address) {
        await().ignoreExceptions().until(() -> {
            try (Client client = new Client(address)) {
                return client.ask("PING").equals("+PONG");
            }
        });
        try {
            return new Client(address);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aCheckpointThatLeavesItRunningDoesNotBreakTheConnection() throws IOException {
        try (Client client = connect(runRedis())) {
            assertThat(client.ask("DEBUG POPULATE " + KEYS)).isEqualTo("+OK");
            assertThat(client.ask("INCR counter")).isEqualTo(":1");
            root.run("checkpoint", "--leave-running", "redis").failedWith(125);
            assertThat(client.ask("INCR counter")).isEqualTo(":2");
            root.ctr("checkpoint", "--leave-running", "--tcp-established", "redis");
            assertThat(client.ask("INCR counter")).isEqualTo(":3");
            assertThat(client.ask("DBSIZE")).isEqualTo(":" + (KEYS + 1));
        }
    }

    @Test
    void theConnectionGoesOnUnderAnotherRoot() throws IOException {
        Path archive = root.directory().resolve("redis.tar.zst");
        try (CtrRoot other = CtrRoot.create();
                Client client = connect(runRedis())) {
            other.ctr("import", root.directory().resolve("redis.tar").toString(), "redis");
            assertThat(client.ask("INCR counter")).isEqualTo(":1");
            root.ctr("checkpoint", "--tcp-established", "-e", archive.toString(), "redis");
            root.ctr("rm", "redis");
            other.ctr("restore", "--tcp-established", "-i", archive.toString());
            assertThat(client.ask("INCR counter")).isEqualTo(":2");
        }
    }

    @Test
    @Upstream(9)
    void aConnectionIsClosedOnRequest() throws IOException {
        try (Client client = connect(runRedis())) {
            assertThat(client.ask("SET key value")).isEqualTo("+OK");
            root.ctr("checkpoint", "--tcp-established", "redis");
            root.ctr("restore", "--tcp-close", "redis");
        }
        try (Client client = connect(
                root.ctr("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", "redis"))) {
            assertThat(client.ask("EXISTS key")).isEqualTo(":1");
        }
    }
}

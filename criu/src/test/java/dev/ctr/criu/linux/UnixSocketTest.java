package dev.ctr.criu.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UnixSocketTest {
    /** Listens, takes one connection, sends each packet back until the end, then says goodbye. */
    private static final String ECHO = """
            import os, socket, sys
            os.chdir(sys.argv[1])
            s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            s.bind('attach')
            s.listen()
            print('listening', flush=True)
            c, _ = s.accept()
            while (b := c.recv(100)):
                c.send(b)
            c.send(b'bye')
            """;

    @TempDir
    Path directory;

    @Test
    void packetsStayApart() throws IOException {
        try (SocketPair pair = SocketPair.sequencedPackets()) {
            pair.first().write(new byte[] {1, 2});
            pair.first().write(new byte[] {3});
            pair.first().shutdownWrite();

            byte[] buffer = new byte[10];
            assertThat(pair.second().read(buffer)).isEqualTo(2);
            assertThat(pair.second().read(buffer)).isEqualTo(1);
            assertThat(pair.second().read(buffer)).isEqualTo(-1);
            pair.second().write(new byte[] {4});
            assertThat(pair.first().read(buffer)).isEqualTo(1);
        }
    }

    @Test
    void shutdownWakesAReader() throws Exception {
        try (SocketPair pair = SocketPair.streams()) {
            CompletableFuture<Integer> reading = CompletableFuture.supplyAsync(() -> {
                try {
                    return pair.first().read(new byte[1]);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            Thread.sleep(50);

            pair.first().shutdown();

            assertThat(reading.get(10, TimeUnit.SECONDS)).isEqualTo(-1);
        }
    }

    @Test
    void connectsToASocketWithALongPath() throws Exception {
        Path python = Path.of("/usr/bin/python3");
        Assumptions.assumeTrue(Files.isExecutable(python), "needs python3 as the other side");
        Path deep = Files.createDirectories(directory.resolve("x".repeat(100)).resolve("y".repeat(100)));
        ChildProcess server;
        try (Pipe said = Pipe.open()) {
            server = new ProcessLaunch(List.of(python.toString(), "-c", ECHO, deep.toString()), Map.of())
                    .stdout(Stdio.descriptor(said.writer()))
                    .start();
            said.writer().close();
            assertThat(said.reader().read(new byte[100])).isPositive();
        }

        try (UnixSocket socket = UnixSocket.connectSequenced(deep.resolve("attach"))) {
            byte[] buffer = new byte[100];
            socket.write("hello".getBytes(StandardCharsets.UTF_8));
            assertThat(new String(buffer, 0, socket.read(buffer), StandardCharsets.UTF_8))
                    .isEqualTo("hello");
            socket.shutdownWrite();
            assertThat(new String(buffer, 0, socket.read(buffer), StandardCharsets.UTF_8))
                    .isEqualTo("bye");
            assertThat(socket.read(buffer)).isEqualTo(-1);
        } finally {
            server.kill(9);
            server.waitFor();
        }
    }

    @Test
    void aMissingSocketIsNamed() {
        Path missing = directory.resolve("x".repeat(120)).resolve("attach");

        assertThatThrownBy(() -> UnixSocket.connectSequenced(directory.resolve("attach")))
                .hasMessage("connect to " + directory.resolve("attach") + ": No such file or directory (ENOENT)");
        assertThatThrownBy(() -> UnixSocket.connectSequenced(missing))
                .hasMessage("open " + missing.getParent() + ": No such file or directory (ENOENT)");
    }
}

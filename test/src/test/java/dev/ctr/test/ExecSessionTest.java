package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.lifecycle.AttachStreams;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.ExecOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Further processes in a container, as libpod's exec sessions. */
final class ExecSessionTest {
    private static final long LARGE = 100L << 20;
    private static CtrRoot root;
    private static Container container;

    @BeforeAll
    static void runAContainer() {
        root = CtrRoot.create().withBusybox();
        Engine engine = Engines.of(root);
        container = engine.create(Engines.busybox("sleep", "1000").name("streams"));
        container.start();
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    private static ExecOptions shell(String script) {
        return new ExecOptions(List.of("sh", "-c", script));
    }

    @Test
    void aSessionGoesFromCreatedToStopped() {
        String session = container.execCreate(shell("sleep 1000").user("root").workingDirectory("/tmp"));
        JsonNode created = container.execInspect(session);
        assertThat(created.path("Running").asBoolean()).isFalse();
        assertThat(created.path("ContainerID").asText())
                .isEqualTo(container.id().hex());
        assertThat(created.path("ProcessConfig").path("entrypoint").asText()).isEqualTo("sh");
        assertThat(created.path("ProcessConfig").path("user").asText()).isEqualTo("root");
        assertThatThrownBy(() -> container.execStop(session, Optional.empty()))
                .hasMessageContaining("is \"created\", can only stop running sessions: exec session state improper");
        assertThatThrownBy(() -> container.execAttach(session, new AttachStreams()))
                .hasMessageContaining("exec session state improper");

        container.execStart(session);
        JsonNode running = container.execInspect(session);
        assertThat(running.path("Running").asBoolean()).isTrue();
        assertThat(running.path("Pid").asLong()).isPositive();
        assertThat(container.execSessions()).contains(session);
        assertThat(root.ctr("inspect", "-f", "{{.ExecIDs}}", "streams")).contains(session);
        assertThatThrownBy(() -> container.execStart(session))
                .hasMessageContaining("can only start created exec sessions, while container "
                        + container.id().hex() + " session " + session + " state is \"running\"");
        assertThatThrownBy(() -> container.execRemove(session, false)).hasMessageContaining("is still running");

        container.execStop(session, Optional.of(Duration.ofSeconds(10)));
        JsonNode stopped = container.execInspect(session);
        assertThat(stopped.path("Running").asBoolean()).isFalse();
        assertThat(stopped.path("ExitCode").asInt()).isEqualTo(143);
        container.execRemove(session, false);
        assertThatThrownBy(() -> container.execInspect(session))
                .hasMessageContaining("no such exec session")
                .satisfies(failure -> assertThat(((EngineException) failure).code())
                        .isEqualTo(EngineException.Code.NO_SUCH_EXEC_SESSION));
    }

    @Test
    void aProcessThatDoesNotListenIsKilled() {
        String session = container.execCreate(shell("trap '' TERM; while :; do sleep 0.1; done"));
        container.execStart(session);
        container.execStop(session, Optional.of(Duration.ofMillis(300)));
        assertThat(container.execInspect(session).path("ExitCode").asInt()).isEqualTo(137);
        String other = container.execCreate(shell("sleep 1000"));
        container.execStart(other);
        container.execRemove(other, true);
        container.execRemove(session, false);
        assertThat(container.execSessions()).doesNotContain(session, other);
    }

    @Test
    void aSessionThatRunsIsAttachedToLater() {
        String session =
                container.execCreate(shell("read x; echo got $x; exit 3").interactive(true));
        container.execStart(session);
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        int code = container.execAttach(
                session, new AttachStreams().input(bytes("late\n")).output(output));
        assertThat(output.toString(StandardCharsets.UTF_8)).isEqualTo("got late\n");
        assertThat(code).isEqualTo(3);
        container.execRemove(session, false);

        String attached = container.execCreate(shell("echo first; exit 4"));
        ByteArrayOutputStream first = new ByteArrayOutputStream();
        assertThat(container.execStartAndAttach(attached, new AttachStreams().output(first)))
                .isEqualTo(4);
        assertThat(first.toString(StandardCharsets.UTF_8)).isEqualTo("first\n");
        container.execRemove(attached, false);
    }

    @Test
    void aTerminalHasTheSizeItIsGiven() {
        String session =
                container.execCreate(shell("read x; stty size").terminal(true).interactive(true));
        container.execStart(session);
        container.execResize(session, 31, 71);
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        container.execAttach(session, new AttachStreams().input(bytes("\r")).output(output));
        assertThat(output.toString(StandardCharsets.UTF_8)).contains("31 71");
        assertThatThrownBy(() -> container.execResize(session, 24, 80))
                .hasMessageContaining("can only resize running sessions");
        container.execRemove(session, true);
    }

    @Test
    void aHundredMegabytesGoThroughAndBackWhole() throws Exception {
        MessageDigest sent = MessageDigest.getInstance("SHA-256");
        MessageDigest received = MessageDigest.getInstance("SHA-256");
        InputStream input = new DigestInputStream(new RandomBytes(LARGE), sent);
        OutputStream output = new DigestOutputStream(OutputStream.nullOutputStream(), received);
        int code = container.exec(
                new ExecOptions(List.of("cat")).interactive(true),
                new AttachStreams().input(input).output(output));
        assertThat(code).isZero();
        assertThat(received.digest()).isEqualTo(sent.digest());
    }

    @Test
    void whatAUserMayDoIsWhatPodmanLetsIt() {
        String report = "id -u; id -g; echo $HOME; grep CapEff /proc/self/status | cut -f2";
        assertThat(run(shell(report).user("12:34")).lines()).containsExactly("12", "34", "/", "0000000000000000");
        String all = run(shell(report).privileged(true)).lines().toList().get(3);
        String usual = run(shell(report)).lines().toList().get(3);
        assertThat(Long.bitCount(Long.parseUnsignedLong(all, 16)))
                .isGreaterThan(Long.bitCount(Long.parseUnsignedLong(usual, 16)));
        assertThatThrownBy(() -> run(shell("true").user("nobody-here")))
                .hasMessageContaining("unable to find user nobody-here: no matching entries in");
    }

    @Test
    void variablesReplaceThoseOfTheContainer() {
        assertThat(run(shell("env").environment("PATH", "/bin").environment("HOME", "/x"))
                        .lines())
                .contains("PATH=/bin", "HOME=/x", "container=ctr")
                .doesNotHaveDuplicates();
    }

    @Test
    void descriptorsAreHandedOn() throws IOException {
        Path file = Files.writeString(root.directory().resolve("preserved"), "from the host\n");
        String command = String.join(" ", root.command("exec", "--preserve-fds", "2", "streams", "sh", "-c"));
        assertThat(Commands.run("sh", "-c", command + " 'cat <&4' 3</dev/null 4<" + file)
                        .succeeded())
                .isEqualTo("from the host");
        assertThat(Commands.run("sh", "-c", command + " true 3</dev/null 4<&-").failedWith(125))
                .contains("file descriptor 4 is not available - the preserve-fds option requires");
    }

    @Test
    void aClientThatIsKilledLeavesNothing() throws Exception {
        Path output = root.directory().resolve("killed");
        for (int millis : List.of(250, 400, 500, 600, 700, 900)) {
            Process client = Commands.start(Map.of(), root.command("exec", "streams", "sleep", "0.3"), output, output);
            Thread.sleep(millis);
            client.destroyForcibly().waitFor();
        }
        Files.createDirectories(
                bundle(container).resolve("exec-" + "0".repeat(64)).resolve("exit"));
        await().until(() -> {
            container.execSessions();
            return directories(container).isEmpty();
        });
        assertThat(root.ctr("exec", "streams", "echo", "well")).isEqualTo("well");
    }

    @Test
    void sessionsEndWithTheContainer() throws IOException {
        Container other =
                Engines.of(root).create(Engines.busybox("sleep", "1000").name("other"));
        other.start();
        String detached = other.execDetached(shell("sleep 1000"));
        CompletableFuture<Integer> attached = CompletableFuture.supplyAsync(
                () -> other.exec(shell("sleep 1000"), new AttachStreams().output(OutputStream.nullOutputStream())));
        await().until(() -> other.execSessions().size() == 2);
        other.pause();
        assertThatThrownBy(() -> other.execCreate(shell("true")))
                .hasMessage("can only create exec sessions on running containers: container state improper");
        other.unpause();
        assertThat(other.execSessions()).contains(detached);
        other.stop(Optional.of(Duration.ZERO));
        assertThat(attached.join()).isEqualTo(137);
        assertThat(other.execSessions()).isEmpty();
        assertThat(directories(other)).isEmpty();
        other.remove(false, true);
    }

    private static String run(ExecOptions options) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        assertThat(container.exec(options, new AttachStreams().output(output))).isZero();
        return output.toString(StandardCharsets.UTF_8);
    }

    private static Path bundle(Container of) {
        return root.root().resolve("containers").resolve(of.id().hex()).resolve("bundle");
    }

    private static List<Path> directories(Container of) throws IOException {
        try (Stream<Path> entries = Files.list(bundle(of))) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith("exec-"))
                    .toList();
        }
    }

    private static ByteArrayInputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    /** So many bytes of every kind, detach keys among them. */
    private static final class RandomBytes extends InputStream {
        private final Random random = new Random(1);
        private long left;

        RandomBytes(long size) {
            left = size;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException("reads are in blocks here");
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            int count = (int) Math.min(left, length);
            byte[] block = new byte[count];
            random.nextBytes(block);
            System.arraycopy(block, 0, target, offset, count);
            left -= count;
            return count == 0 && length > 0 ? -1 : count;
        }
    }
}

package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ctr.lifecycle.AttachStreams;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.DetachKeys;
import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.RemoteAttach;
import dev.ctr.lifecycle.RemoteAttachOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Being attached to a container: its output, its input, its end, and leaving it. */
final class AttachTest {
    private static final int QUICK_RUNS = 50;
    private static CtrRoot root;
    private static Engine engine;

    @BeforeAll
    static void makeRoot() {
        root = CtrRoot.create().withBusybox();
        engine = Engines.of(root);
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    @Test
    void nothingOfAQuickProgramIsLost() {
        Container quick = engine.create(Engines.busybox("sh", "-c", "echo out; echo err >&2; exit 4"));
        for (int run = 0; run < QUICK_RUNS; run++) {
            ByteArrayOutputStream output = new ByteArrayOutputStream();
            ByteArrayOutputStream errors = new ByteArrayOutputStream();
            int code = quick.startAndAttach(new AttachStreams().output(output).errors(errors));
            assertThat(output.toString(StandardCharsets.UTF_8))
                    .as("run %d", run)
                    .isEqualTo("out\n");
            assertThat(errors.toString(StandardCharsets.UTF_8))
                    .as("run %d", run)
                    .isEqualTo("err\n");
            assertThat(code).isEqualTo(4);
        }
    }

    @Test
    void theEndOfAnAttachedContainerIsItsExitCode() {
        Container asks = engine.create(Engines.busybox("sh", "-c", "read x; echo got $x; echo err >&2; exit 5")
                .interactive(true));
        asks.start();
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int code = asks.attach(
                new AttachStreams().input(bytes("hello\n")).output(output).errors(errors));
        assertThat(output.toString(StandardCharsets.UTF_8)).isEqualTo("got hello\n");
        assertThat(errors.toString(StandardCharsets.UTF_8)).isEqualTo("err\n");
        assertThat(code).isEqualTo(5);
    }

    @Test
    void onlyWhatRunsCanBeAttachedToOrResized() {
        Container idle = engine.create(Engines.busybox("true"));
        assertThatThrownBy(() -> idle.attach(new AttachStreams()))
                .isInstanceOf(EngineException.class)
                .hasMessage("you can only attach to running containers");
        assertThatThrownBy(() -> idle.resize(24, 80))
                .hasMessage("can only resize created or running containers: container state improper");
        assertThat(root.run("attach", idle.name()).failedWith(125))
                .contains("you can only attach to running containers");
        assertThat(root.run("attach", "--detach-keys", "ctrl-1", idle.name()).failedWith(125))
                .contains("invalid detach keys: Unknown character: 'ctrl-1'");
    }

    @Test
    void detachKeysCountAtATerminalHoweverTheyArrive() throws Exception {
        Container cat = engine.create(Engines.busybox("cat").terminal(true));
        cat.start();
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (PipedOutputStream keyboard = new PipedOutputStream();
                PipedInputStream input = new PipedInputStream(keyboard)) {
            CompletableFuture<Integer> attached = CompletableFuture.supplyAsync(() ->
                    cat.attach(new AttachStreams().input(input).output(output).detachKeys(DetachKeys.DEFAULT)));
            keyboard.write(new byte[] {0x10, 0x10, 'a', '\r', 0x10});
            keyboard.flush();
            await().until(() -> output.toString(StandardCharsets.UTF_8).contains("a\r\n"));
            keyboard.write(0x11);
            keyboard.flush();
            assertThatThrownBy(attached::join)
                    .cause()
                    .isInstanceOf(EngineException.class)
                    .extracting(cause -> ((EngineException) cause).code())
                    .isEqualTo(EngineException.Code.DETACHED);
        }
        assertThat(cat.state().status()).isEqualTo(ContainerStatus.RUNNING);
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        int code = cat.attach(
                new AttachStreams().input(bytes("second\r\u0004\u0004")).output(again));
        assertThat(code).isZero();
        assertThat(again.toString(StandardCharsets.UTF_8)).contains("second\r\nsecond\r\n");
    }

    @Test
    void aClientElsewhereGetsTheLogAndThenTheRestOnce() throws Exception {
        String script = "seq 1 2000; read x; seq 2001 4000; echo $x >&2; exit 6";
        Container counting = engine.create(Engines.busybox("sh", "-c", script).interactive(true));
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        try (PipedOutputStream keyboard = new PipedOutputStream();
                PipedInputStream input = new PipedInputStream(keyboard);
                RemoteAttach remote = counting.attachFromRemote(
                        new AttachStreams().input(input).output(output).errors(errors),
                        RemoteAttachOptions.LOGS_AND_STREAM)) {
            assertThat(counting.state().status()).isEqualTo(ContainerStatus.CREATED);
            remote.resize(24, 80);
            counting.start();
            CompletableFuture<Void> carrying = CompletableFuture.runAsync(remote::carry);
            keyboard.write("go\n".getBytes(StandardCharsets.US_ASCII));
            keyboard.flush();
            carrying.get(60, TimeUnit.SECONDS);
        }
        String all = IntStream.rangeClosed(1, 4000).mapToObj(i -> i + "\n").collect(Collectors.joining());
        assertThat(output.toString(StandardCharsets.UTF_8)).isEqualTo(all);
        assertThat(errors.toString(StandardCharsets.UTF_8)).isEqualTo("go\n");
        assertThat(counting.waitForExit()).isEqualTo(6);

        ByteArrayOutputStream log = new ByteArrayOutputStream();
        try (RemoteAttach past =
                counting.attachFromRemote(new AttachStreams().output(log), new RemoteAttachOptions(true, false))) {
            past.carry();
        }
        assertThat(log.toString(StandardCharsets.UTF_8)).isEqualTo(all);
    }

    @Test
    void aClientElsewhereGoesAndTheContainerStays() throws Exception {
        Container sleeping = engine.create(Engines.busybox("sleep", "1000"));
        sleeping.start();
        try (RemoteAttach remote = sleeping.attachFromRemote(new AttachStreams(), RemoteAttachOptions.STREAM)) {
            CompletableFuture<Void> carrying = CompletableFuture.runAsync(remote::carry);
            remote.close();
            carrying.get(60, TimeUnit.SECONDS);
        }
        assertThat(sleeping.state().status()).isEqualTo(ContainerStatus.RUNNING);
        sleeping.pause();
        assertThatThrownBy(() -> sleeping.attachFromRemote(new AttachStreams(), RemoteAttachOptions.STREAM))
                .hasMessageContaining("can only attach to created or running containers");
        sleeping.remove(true, true);
    }

    @Test
    void signalsReachTheContainerWhileAttached() throws Exception {
        root.ctr(
                "run",
                "-d",
                "--name",
                "trap",
                "--network",
                "none",
                "bb",
                "sh",
                "-c",
                "trap 'echo caught; exit 9' USR1; echo ready; while :; do sleep 0.1; done");
        Path output = Files.createTempFile(root.directory(), "attach", ".out");
        Process attached = Commands.start(Map.of(), root.command("attach", "trap"), output, output);
        await().until(() -> Commands.run(
                        "sh",
                        "-c",
                        "grep -q SigCgt /proc/" + attached.pid() + "/status && ls -l /proc/" + attached.pid()
                                + "/fd | grep -c socket")
                .output()
                .strip()
                .matches("[1-9].*"));
        Commands.run("kill", "-USR1", Long.toString(attached.pid())).succeeded();
        assertThat(attached.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(output)).contains("caught\n");
        assertThat(attached.exitValue()).isEqualTo(9);
    }

    private static ByteArrayInputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}

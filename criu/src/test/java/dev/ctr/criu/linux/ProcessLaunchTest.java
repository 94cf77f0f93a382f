package dev.ctr.criu.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcessLaunchTest {
    private static final Map<String, String> PATH = Map.of("PATH", "/usr/bin:/bin");

    @TempDir
    Path directory;

    @Test
    void theChildHasExactlyTheGivenEnvironmentDirectoryAndArguments() throws Exception {
        assertThat(output(new ProcessLaunch(List.of("/usr/bin/env"), Map.of("A", "1 ü", "B", ""))))
                .isEqualTo("A=1 ü\nB=\n");
        assertThat(output(new ProcessLaunch(List.of("pwd"), PATH).directory(directory)))
                .isEqualTo(directory + "\n");
        assertThat(output(new ProcessLaunch(List.of("printf", "%s|", "a b", "", "ü"), PATH)))
                .isEqualTo("a b||ü|");
    }

    @Test
    void theChildHasNoDescriptorsButThoseItWasGiven() throws Exception {
        try (Pipe first = Pipe.open();
                Pipe second = Pipe.open()) {
            String numbers = output(new ProcessLaunch(
                            List.of(
                                    "sh",
                                    "-c",
                                    "i=0; while [ $i -lt 300 ]; do [ -e /proc/$$/fd/$i ] && echo $i; i=$((i+1)); done; :"),
                            PATH)
                    .passDescriptor(3, first.reader())
                    .passDescriptor(6, second.writer()));

            assertThat(numbers.lines()).containsExactly("0", "1", "2", "3", "6");
        }
    }

    @Test
    void descriptorsArriveThoughTheirNumbersCrossEachOther() throws Exception {
        try (Pipe first = Pipe.open();
                Pipe second = Pipe.open()) {
            int a = Math.min(first.writer().number(), second.writer().number());
            int b = Math.max(first.writer().number(), second.writer().number());
            Descriptor lower = a == first.writer().number() ? first.writer() : second.writer();
            Descriptor higher = lower == first.writer() ? second.writer() : first.writer();

            ChildProcess child = new ProcessLaunch(
                            List.of("sh", "-c", "readlink /proc/self/fd/" + a + "; readlink /proc/self/fd/" + b), PATH)
                    .passDescriptor(a, higher)
                    .passDescriptor(b, lower)
                    .stdout(Stdio.file(directory.resolve("out")))
                    .start();

            assertThat(child.waitFor()).isZero();
            assertThat(Files.readAllLines(directory.resolve("out"))).containsExactly(link(higher), link(lower));
        }
    }

    @Test
    void aPassedSocketTalksToTheChild() throws Exception {
        try (SocketPair sockets = SocketPair.sequencedPackets()) {
            ChildProcess child = new ProcessLaunch(List.of("sh", "-c", "echo hello >&5"), PATH)
                    .passDescriptor(5, sockets.second())
                    .start();
            sockets.second().close();

            byte[] buffer = new byte[100];
            int length = sockets.first().read(buffer);

            assertThat(new String(buffer, 0, length, StandardCharsets.UTF_8)).isEqualTo("hello\n");
            assertThat(sockets.first().read(buffer)).isEqualTo(-1);
            assertThat(child.waitFor()).isZero();
        }
    }

    @Test
    void standardStreamsLeadToFiles() throws Exception {
        Path in = Files.writeString(directory.resolve("in"), "input");
        Path out = Files.writeString(directory.resolve("out"), "before ");

        int status = new ProcessLaunch(List.of("sh", "-c", "cat; echo bad >&2"), PATH)
                .stdin(Stdio.file(in))
                .stdout(Stdio.file(out))
                .stderr(Stdio.file(directory.resolve("err")))
                .start()
                .waitFor();

        assertThat(status).isZero();
        assertThat(out).hasContent("before input");
        assertThat(directory.resolve("err")).hasContent("bad\n");
    }

    @Test
    void signalsAreNeitherBlockedNorIgnoredInTheChild() throws Exception {
        String status = output(new ProcessLaunch(List.of("cat", "/proc/self/status"), PATH));

        assertThat(status)
                .containsPattern("SigBlk:\t0{16}\n")
                // The two real-time signals that glibc keeps for itself it leaves ignored.
                .containsPattern("SigIgn:\t0{7}[01]80000000\n");
    }

    @Test
    void exitStatusesAndSignalsAreTold() throws Exception {
        assertThat(new ProcessLaunch(List.of("sh", "-c", "exit 42"), PATH)
                        .start()
                        .waitFor())
                .isEqualTo(42);
        ChildProcess child = new ProcessLaunch(List.of("sleep", "100"), PATH).start();
        assertThat(child.waitFor(Duration.ofMillis(50))).isEmpty();

        child.kill(15);

        assertThat(child.waitFor(Duration.ofSeconds(10))).hasValue(128 + 15);
        assertThat(child.waitFor()).isEqualTo(128 + 15);
        child.kill(9);
    }

    @Test
    void aNewSessionAndANewProcessGroupAreTheChildsOwn() throws Exception {
        String script = "cut -d ' ' -f 5,6 /proc/$$/stat; echo $$";
        String session = output(new ProcessLaunch(List.of("sh", "-c", script), PATH).newSession());
        String group = output(new ProcessLaunch(List.of("sh", "-c", script), PATH).newProcessGroup());

        String leader = session.lines().skip(1).findFirst().orElseThrow();
        assertThat(session).isEqualTo(leader + " " + leader + "\n" + leader + "\n");
        String groupLeader = group.lines().skip(1).findFirst().orElseThrow();
        assertThat(group).startsWith(groupLeader + " ").doesNotStartWith(groupLeader + " " + groupLeader);
    }

    @Test
    void whatCannotBeStartedIsNamed() {
        assertThatThrownBy(() -> new ProcessLaunch(List.of("no-such-program"), PATH).start())
                .isInstanceOf(LinuxException.class)
                .hasMessage("start no-such-program: there is no such program in PATH (/usr/bin:/bin)");
        assertThatThrownBy(() -> new ProcessLaunch(List.of("/bin/true"), PATH)
                        .directory(directory.resolve("missing"))
                        .start())
                .isInstanceOf(LinuxException.class)
                .hasMessage(
                        "start /bin/true in " + directory.resolve("missing") + ": No such file or directory (ENOENT)");
    }

    @Test
    void waitingEndsWhenTheThreadIsInterrupted() throws Exception {
        ChildProcess child = new ProcessLaunch(List.of("sleep", "100"), PATH).start();
        try {
            Thread.currentThread().interrupt();
            assertThatThrownBy(child::waitFor).isInstanceOf(InterruptedException.class);
        } finally {
            child.kill(9);
            child.waitFor();
        }
    }

    private static String output(ProcessLaunch launch) throws IOException, InterruptedException {
        try (Pipe pipe = Pipe.open()) {
            ChildProcess child = launch.stdout(Stdio.descriptor(pipe.writer())).start();
            pipe.writer().close();
            try (InputStream in = Channels.newInputStream(pipe.reader())) {
                String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                assertThat(child.waitFor()).isZero();
                return text;
            }
        }
    }

    private static String link(Descriptor descriptor) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor.number()))
                .toString();
    }
}

package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.ContainerStatus;
import dev.ctr.lifecycle.CreateOptions;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What CRIU does only when it is told to: each is refused with the advice that helps, and works with it. */
final class CriuFlagsTest {
    private static final String SLEEP = "; while :; do sleep 0.1; done";

    @RegisterExtension
    static final Workbench bench = Workbench.create();

    private static Container goesThroughAnArchive(Container container, String... flags) {
        String archive = bench.file(container.name() + ".tar").toString();
        bench.ctr(words(List.of("checkpoint", "-e", archive), flags, container.name()));
        container.remove(false, true);
        bench.ctr(words(List.of("restore", "-i", archive), flags));
        return bench.engine().container(container.name());
    }

    private static String[] words(List<String> first, String[] flags, String... last) {
        return Stream.of(first.stream(), Arrays.stream(flags), Arrays.stream(last))
                .flatMap(words -> words)
                .toArray(String[]::new);
    }

    private static void assertRefused(Container container, String advice) {
        assertThat(bench.refusal("checkpoint", container.name())).contains("; " + advice);
        assertThat(container.state().status()).isEqualTo(ContainerStatus.RUNNING);
    }

    @Test
    void aLargeDeletedFileIsKeptWithinTheLimit() {
        Container container = bench.run(
                "ghost",
                "head -c 1500000 /dev/urandom > /big; sha256sum /big; exec 5</big; rm /big; touch /ready" + SLEEP);
        await().until(() -> Inside.sh(container, "ls /").contains("ready"));
        assertRefused(container, "give --ghost-limit 2m to keep the deleted file, which is still open");
        assertThat(bench.refusal("checkpoint", "--ghost-limit", "5g", "ghost"))
                .contains("invalid argument \"5g\" for \"--ghost-limit\" flag");
        Container again = goesThroughAnArchive(container, "--ghost-limit", "2m");
        assertThat(Inside.sh(again, "sha256sum < /proc/1/fd/5").substring(0, 64))
                .isEqualTo(Workbench.log(again).substring(0, 64));
    }

    @Test
    void anOpenFileThatHasAnotherNameIsKept() {
        Container container = bench.run(
                "link", "echo kept > /first; ln /first /second; exec 5<>/first; rm /first; touch /ready" + SLEEP);
        await().until(() -> Inside.sh(container, "ls /").contains("ready"));
        assertRefused(container, "give --link-remap to keep an open file that has lost its name but has another link");
        Container again = goesThroughAnArchive(container, "--link-remap");
        Inside.sh(again, "echo more >> /proc/1/fd/5 || echo more > /proc/1/fd/5");
        assertThat(Inside.sh(again, "cat /second")).as("one file still").contains("more");
        assertThat(Inside.sh(again, "ls / | grep link_remap || true")).isEmpty();
    }

    @Test
    void aSocketStaysConnectedToAProgramOutside() throws IOException {
        importPerl();
        Path directory = Files.createDirectory(bench.file("outside"));
        Path socket = directory.resolve("socket");
        Path received = bench.file("received");
        Process outside = Commands.start(
                Map.of(),
                List.of(
                        "perl",
                        "-e",
                        "socket(S,1,2,0); bind(S, pack('S a*', 1, $ARGV[0])) or die $!; $| = 1;"
                                + " while (1) { recv(S, $m, 99, 0); print \"$m\\n\" }",
                        socket.toString()),
                received,
                bench.file("outside-errors"));
        try {
            await().until(() -> Files.exists(socket));
            Container container = bench.run(CreateOptions.fromImage("perl")
                    .name("unix")
                    .network("host")
                    .volume(new CreateOptions.Volume(directory.toString(), directory.toString(), List.of()))
                    .command(List.of(
                            "perl",
                            "-e",
                            "socket(S,1,2,0); connect(S, pack('S a*', 1, $ARGV[0])) or die $!;"
                                    + " while (send(S, 'message ' . $i++, 0)) { select(undef, undef, undef, 0.05) }",
                            socket.toString())));
            await().until(() -> lines(received) > 2);
            assertRefused(container, "give --ext-unix-sk to keep its unix sockets connected to programs outside");
            bench.ctr("checkpoint", "--ext-unix-sk", "unix");
            long before = lines(received);
            bench.ctr("restore", "--ext-unix-sk", "unix");
            await().until(() -> lines(received) > before + 2);
            assertThat(Files.readAllLines(received)).as("none twice").doesNotHaveDuplicates();
        } finally {
            outside.destroyForcibly();
        }
    }

    private static long lines(Path file) throws IOException {
        return Files.readAllLines(file).size();
    }

    @Test
    void aConnectionThatNobodyHasAcceptedIsLeftOut() throws IOException {
        importPerl();
        Container container = bench.run(CreateOptions.fromImage("perl")
                .name("listener")
                .command(List.of(
                        "perl",
                        "-e",
                        "socket(S,2,1,6); bind(S, pack('S n a4 x8', 2, 7000, \"\\0\" x 4)) or die $!;"
                                + " listen(S, 5); $| = 1; print \"listening\\n\"; sleep 1000 while 1")));
        await().until(() -> Workbench.log(container).contains("listening"));
        String address =
                bench.ctr("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", "listener");
        try (Socket inFlight = new Socket(address, 7000)) {
            assertRefused(
                    container, "give --tcp-skip-in-flight to leave out the connections that it has not accepted yet");
            bench.ctr("checkpoint", "--tcp-skip-in-flight", "listener");
            assertThat(inFlight.isConnected()).isTrue();
        }
        bench.ctr("restore", "--tcp-skip-in-flight", "listener");
        try (Socket again = new Socket(address, 7000)) {
            assertThat(again.isConnected()).as("it listens again").isTrue();
        }
    }

    /** Perl, which opens any socket without a module, in an image of its own. */
    private static void importPerl() {
        assumeTrue(Commands.exists("perl"), "perl is not installed");
        if (bench.engine().images().find("perl").isEmpty()) {
            Path rootfs = Busybox.layOut(bench.file("perl"));
            Busybox.addProgram(rootfs, "perl");
            Path tar = bench.file("perl.tar");
            Commands.run("tar", "-C", rootfs.toString(), "-cf", tar.toString(), ".")
                    .succeeded();
            bench.ctr("import", tar.toString(), "perl");
        }
    }
}

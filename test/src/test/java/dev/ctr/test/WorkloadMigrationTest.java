package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.image.ImportOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Programs of many kinds migrate while they are at it, and find everything as it was. Takes long: {@code -Dctr.migration.all} runs
 * it.
 */
@EnabledIfSystemProperty(named = "ctr.migration.all", matches = "true")
class WorkloadMigrationTest {
    private static final int NUMBERS = 2_000_000;

    private static TestHosts hosts;
    private static TestHost a;
    private static TestHost b;
    private static TestAgents agents;

    @BeforeAll
    static void makeHosts() {
        assumeTrue(TestHosts.canRun(), "network namespaces with bridges and iptables are not to be had");
        hosts = TestHosts.of(2);
        a = hosts.host(0);
        b = hosts.host(1);
        a.root().withBusybox();
        agents = TestAgents.of(a, b);
        agents.start(b);
    }

    @AfterAll
    static void nothingIsLeft() throws InterruptedException {
        if (agents != null) {
            agents.close();
        }
        if (hosts != null) {
            hosts.close();
        }
    }

    private static void image(String name, Path tar) throws IOException {
        try (InputStream in = Files.newInputStream(tar)) {
            a.engine().images().importTar(in, new ImportOptions(name, List.of(), ""));
        }
        Files.delete(tar);
    }

    private static Container start(CreateOptions options) throws IOException, InterruptedException {
        return a.call(() -> {
            Container container = a.engine().create(options);
            container.start();
            return container;
        });
    }

    /** Moves a container to the other host, and returns it there. */
    private static Container migrate(String name, String... options) {
        agents.migrate(a, b, name, options).succeeded();
        assertThat(a.engine().containers()).extracting(Container::name).doesNotContain(name);
        return b.engine().container(name);
    }

    private static void checksItselfHereAndThere(String image, String name, List<String> command)
            throws IOException, InterruptedException {
        Container here =
                start(CreateOptions.fromImage(image).name(name).network("none").command(command));
        int before = SelfChecking.awaitMore(here);
        Container there = migrate(name);
        assertThat(SelfChecking.awaitMore(there)).isGreaterThan(before);
    }

    @Test
    void pythonKeepsItsSocketPipeEpollTimersAndDeletedFile() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")), "python3 is not installed");
        image("python", SelfChecking.pythonImage(a.root().directory(), "descriptors.py", "family.py"));
        checksItselfHereAndThere("python", "descriptors", SelfChecking.python("descriptors.py"));
        checksItselfHereAndThere("python", "family", SelfChecking.python("family.py"));
    }

    @Test
    void aJvmKeepsItsFiftyThreadsAndTheirSums() throws Exception {
        assumeTrue(Commands.exists("jlink"), "jlink is not installed");
        image("java", SelfChecking.javaImage(a.root().directory()));
        checksItselfHereAndThere("java", "threads", SelfChecking.java());
    }

    @Test
    void aTerminalGoesOnWhereItWas() throws Exception {
        assumeTrue(Commands.exists("script"), "script (bsdutils), which makes pseudo-terminals, is not installed");
        Container shell = start(CreateOptions.fromImage("bb")
                .name("shell")
                .network("none")
                .terminal(true)
                .interactive(true)
                .command(List.of("sh")));
        try (TerminalSession terminal = TerminalSession.start(a.inside(a.root().command("attach", "shell")))) {
            terminal.type("x=41\r");
            terminal.expect("x=41");
            terminal.type("echo set-$x\r");
            terminal.expect("set-41");
        }
        shell.resize(33, 77);
        migrate("shell");
        assertThat(b.ctr("exec", "shell", "stty", "-F", "/dev/pts/0", "size")).isEqualTo("33 77");
        try (TerminalSession terminal = TerminalSession.start(b.inside(b.root().command("attach", "shell")))) {
            terminal.type("echo $((x + 1)) there; tty; exit 7\r");
            terminal.expect("42 there");
            terminal.expect("/dev/pts/0");
            assertThat(terminal.exitCode()).isEqualTo(7);
        }
    }

    @Test
    void aWebServerGoesOnWithADownloadAndAnswersOthers() throws Exception {
        String serve = "seq " + NUMBERS + " > /www/numbers; exec httpd -f -p 80 -h /www";
        Container httpd = start(CreateOptions.fromImage("bb")
                .name("httpd")
                .network(TestHost.NETWORK)
                .command(List.of("sh", "-c", "mkdir /www; " + serve)));
        String address =
                httpd.inspect().at("/NetworkSettings/Networks/lan/IPAddress").asText();
        try (Download download = hosts.onClient(() -> Download.begin(address))) {
            download.read(NUMBERS / 10);
            migrate("httpd", "--tcp-established");
            download.read(NUMBERS - NUMBERS / 10);
            download.requireEnd();
        }
        try (Download other = hosts.onClient(() -> Download.begin(address))) {
            other.read(NUMBERS / 10);
        }
    }

    /** A file of consecutive numbers, read from a web server no faster than is asked for. */
    private static final class Download implements AutoCloseable {
        private static final int WINDOW_BYTES = 1 << 16;

        private final Socket socket;
        private final BufferedReader lines;
        private int number;

        private Download(Socket socket) throws IOException {
            this.socket = socket;
            this.lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        }

        static Download begin(String address) throws IOException {
            Awaitility.await().ignoreExceptions().until(() -> {
                connect(address).close();
                return true;
            });
            Socket socket = connect(address);
            Download download = new Download(socket);
            socket.getOutputStream().write("GET /numbers HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(download.lines.readLine()).startsWith("HTTP/1.").contains(" 200 ");
            while (!download.lines.readLine().isEmpty()) {
                // A header that does not matter.
            }
            return download;
        }

        private static Socket connect(String address) throws IOException {
            Socket socket = new Socket();
            socket.setReceiveBufferSize(WINDOW_BYTES);
            socket.setSoTimeout(60_000);
            socket.connect(new InetSocketAddress(InetAddress.getByName(address), 80));
            return socket;
        }

        void read(int count) throws IOException {
            for (int last = number + count; number < last; ) {
                number++;
                String line = lines.readLine();
                if (!Integer.toString(number).equals(line)) {
                    throw new AssertionError(number + " was expected, and " + line + " came");
                }
            }
        }

        void requireEnd() throws IOException {
            assertThat(lines.readLine()).isNull();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}

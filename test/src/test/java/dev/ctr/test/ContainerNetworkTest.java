package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** How containers reach the network and are reached. */
@ResourceLock("host network")
final class ContainerNetworkTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static CtrRoot root;

    @BeforeAll
    static void importBusybox() {
        root = CtrRoot.create().withBusybox();
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    @Test
    void aPublishedPortAnswersOnEveryAddressOfTheHost() throws IOException {
        Path rootfs = Busybox.layOut(root.directory().resolve("rootfs"));
        Files.createDirectory(rootfs.resolve("www"));
        Files.writeString(rootfs.resolve("www/index.html"), "hello from the container");
        int port = freePort();
        root.ctr(
                "run",
                "-d",
                "--name",
                "web",
                "-p",
                port + ":80",
                "--rootfs",
                rootfs.toString(),
                "httpd",
                "-f",
                "-p",
                "80",
                "-h",
                "/www");
        await().atMost(PATIENCE).until(() -> get("127.0.0.1", port).equals("hello from the container"));
        for (String address : hostAddresses()) {
            assertThat(get(address, port)).as("by " + address).isEqualTo("hello from the container");
        }
        assertThat(get(address("web"), 80)).isEqualTo("hello from the container");
        assertThat(root.ctr("ps", "--filter", "name=web", "--format", "{{.Ports}}"))
                .isEqualTo("0.0.0.0:" + port + "->80/tcp");
        assertThat(JsonOutput.inspect(root, "web")
                        .at("/NetworkSettings/Ports/80~1tcp/0/HostPort")
                        .asText())
                .isEqualTo(String.valueOf(port));
        root.ctr("stop", "-t", "0", "web");
        assertThat(get("127.0.0.1", port)).isEmpty();
        root.ctr("start", "web");
        await().atMost(PATIENCE).until(() -> get("127.0.0.1", port).equals("hello from the container"));
    }

    @Test
    void aPublishedPortThatIsTakenIsRefused() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            CommandResult result =
                    root.run("run", "-d", "--name", "taken", "-p", taken.getLocalPort() + ":80", "bb", "sleep", "1000");
            assertThat(result.exitCode()).isEqualTo(125);
            assertThat(result.errors()).contains("address already in use", String.valueOf(taken.getLocalPort()));
        }
    }

    @Test
    void withoutANetworkThereIsOnlyLoopback() {
        assertThat(root.ctr("run", "--rm", "--network", "none", "bb", "ls", "/sys/class/net")
                        .split("\\s+"))
                .contains("lo")
                .doesNotContain("eth0");
        assertThat(root.ctr("run", "--rm", "--network", "none", "bb", "ip", "-o", "-4", "addr"))
                .contains("127.0.0.1/8");
    }

    @Test
    void onTheHostsNetworkItIsTheHosts() throws IOException {
        String namespace = root.ctr("run", "--rm", "--network", "host", "bb", "readlink", "/proc/self/ns/net");
        assertThat(namespace)
                .isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString());
        assertThat(root.ctr("run", "--rm", "--network", "host", "bb", "hostname"))
                .isEqualTo(Commands.run("hostname").succeeded());
    }

    @Test
    void addressAndMacAreThoseThatWereAskedFor() {
        root.ctr("run", "-d", "--name", "any", "bb", "sleep", "1000");
        String wanted = address("any").replaceFirst("\\.\\d+$", ".222");
        root.ctr(
                "run",
                "-d",
                "--name",
                "fixed",
                "--cap-add",
                "NET_RAW",
                "--ip",
                wanted,
                "--mac-address",
                "92:d0:c6:0a:29:33",
                "bb",
                "sleep",
                "1000");
        assertThat(root.ctr("exec", "fixed", "ip", "-4", "addr", "show", "eth0"))
                .contains("inet " + wanted + "/");
        assertThat(root.ctr("exec", "fixed", "cat", "/sys/class/net/eth0/address"))
                .isEqualTo("92:d0:c6:0a:29:33");
        JsonNode network = JsonOutput.inspect(root, "fixed")
                .path("NetworkSettings")
                .path("Networks")
                .iterator()
                .next();
        assertThat(network.path("IPAddress").asText()).isEqualTo(wanted);
        assertThat(network.path("MacAddress").asText()).isEqualTo("92:d0:c6:0a:29:33");
        assertThat(root.ctr("exec", "fixed", "ping", "-c", "1", "-W", "5", address("any")))
                .contains("1 packets received");
        assertThat(root.run("run", "-d", "--name", "same", "--ip", wanted, "bb", "sleep", "1000")
                        .failedWith(125))
                .contains(wanted);
    }

    @Test
    void theHostsFileNamesTheContainerAndWhatWasAdded() {
        root.ctr(
                "run",
                "-d",
                "--name",
                "hosts",
                "--cap-add",
                "NET_RAW",
                "--hostname",
                "given",
                "--add-host",
                "db:10.11.12.13",
                "bb",
                "sleep",
                "1000");
        List<List<String>> lines = root.ctr("exec", "hosts", "cat", "/etc/hosts")
                .lines()
                .map(line -> List.of(line.split("\\s+")))
                .toList();
        assertThat(lines)
                .anySatisfy(line -> assertThat(line).startsWith("127.0.0.1").contains("localhost"))
                .contains(List.of("10.11.12.13", "db"))
                .contains(List.of(address("hosts"), "given", "hosts"));
        assertThat(root.ctr("exec", "hosts", "ping", "-c", "1", "-W", "5", "given"))
                .contains("1 packets received");
    }

    @Test
    void nameServersAreThoseThatWereAskedFor() {
        String resolvConf = root.ctr(
                "run",
                "--rm",
                "--network",
                "none",
                "--dns",
                "192.0.2.1",
                "--dns-search",
                "example.org",
                "--dns-option",
                "ndots:3",
                "bb",
                "cat",
                "/etc/resolv.conf");
        assertThat(resolvConf.lines())
                .containsExactlyInAnyOrder("search example.org", "nameserver 192.0.2.1", "options ndots:3");
    }

    @Test
    void aNetworkThatDoesNotExistIsRefused() {
        assertThat(root.run("run", "--rm", "--network", "nosuch", "bb", "true").failedWith(125))
                .contains("nosuch");
    }

    private static String address(String container) {
        return root.ctr("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", container);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static List<String> hostAddresses() throws IOException {
        return Collections.list(NetworkInterface.getNetworkInterfaces()).stream()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .map(InetAddress::getHostAddress)
                .toList();
    }

    private static String get(String host, int port) {
        URI uri = URI.create("http://" + host + ":" + port + "/");
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5)).build();
            return HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException notYet) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}

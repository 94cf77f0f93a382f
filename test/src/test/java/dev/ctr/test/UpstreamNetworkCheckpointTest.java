package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.lifecycle.CheckpointOptions;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.RestoreOptions;
import dev.ctr.lifecycle.network.PortMapping;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Scenarios of podman's tests on containers of a bridge network. */
@ResourceLock("host network")
final class UpstreamNetworkCheckpointTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static Workbench bench;

    @BeforeAll
    static void importBusybox() {
        assumeTrue(HostNamespace.canRun(), "making bridges, and iptables");
        bench = Workbench.create();
    }

    @AfterEach
    void removeContainers() {
        bench.removeContainers();
    }

    @AfterAll
    static void nothingIsLeft() {
        if (bench != null) {
            bench.close();
        }
    }

    private static Container restored(Path archive, RestoreOptions options) {
        return bench.engine()
                .container(bench.engine().restore(archive, options).id().hex());
    }

    /** Where a container is: its address and its MAC. */
    private static String place(Container container) {
        JsonNode network = container.inspect().at("/NetworkSettings/Networks/podman");
        return network.path("IPAddress").asText() + " "
                + network.path("MacAddress").asText();
    }

    /** The same as the container itself sees it. */
    private static String seen(Container container) {
        return Inside.sh(
                container,
                "echo $(ip -4 -o addr show eth0 | sed 's/.*inet \\([0-9.]*\\).*/\\1/') $(cat /sys/class/net/eth0/address)");
    }

    private static String address(String place) {
        return place.substring(0, place.indexOf(' '));
    }

    private static String mac(String place) {
        return place.substring(place.indexOf(' ') + 1);
    }

    private static void assertMoved(String before, Container container) {
        String now = place(container);
        assertThat(seen(container)).isEqualTo(now);
        assertThat(address(now)).isNotEqualTo(address(before));
        assertThat(mac(now)).isNotEqualTo(mac(before));
    }

    private static Container sleeper(CreateOptions options) {
        return bench.run(options.name("one").command(List.of("sleep", "1000")));
    }

    @Test
    @Upstream({11, 47})
    void addressAndMacStayUnlessSomethingElseIsAskedFor() {
        Container container = sleeper(CreateOptions.fromImage("bb").hostname("stays"));
        String before = place(container);
        String files = Inside.sh(container, "cat /etc/hosts /etc/resolv.conf");
        container.checkpoint(new CheckpointOptions());
        container.restore(new RestoreOptions());
        assertThat(seen(container)).isEqualTo(before);
        assertThat(place(container)).isEqualTo(before);
        assertThat(Inside.sh(container, "cat /etc/hosts /etc/resolv.conf")).isEqualTo(files);

        Path archive = bench.file("moving.tar");
        container.checkpoint(new CheckpointOptions().exportTo(archive));
        container.restore(new RestoreOptions().ignoreStaticIp(true).ignoreStaticMac(true));
        assertMoved(before, container);
        String there = place(container);
        container.restart(Optional.of(Duration.ZERO));
        assertMoved(there, container);
        container.remove(true, true);

        Container again = restored(archive, new RestoreOptions());
        assertThat(seen(again)).as("the same with an archive").isEqualTo(before);
        Container clone = restored(archive, new RestoreOptions().name("two"));
        assertMoved(before, clone);
        clone.remove(true, true);
        again.remove(true, true);
        assertMoved(
                before,
                restored(archive, new RestoreOptions().ignoreStaticIp(true).ignoreStaticMac(true)));
    }

    @Test
    @Upstream(47)
    void whatWasChosenIsForgottenForGoodWhenItIsToBeIgnored() {
        Container trial = sleeper(CreateOptions.fromImage("bb"));
        String chosen = address(place(trial)).replaceFirst("\\d+$", "234");
        trial.remove(true, true, Optional.of(Duration.ZERO));
        String place = chosen + " 92:d0:c6:0a:29:34";
        Container container = sleeper(CreateOptions.fromImage("bb").ip(chosen).macAddress("92:d0:c6:0a:29:34"));
        assertThat(seen(container)).isEqualTo(place);
        Path archive = bench.file("chosen.tar");
        container.checkpoint(new CheckpointOptions().exportTo(archive));
        container.restore(new RestoreOptions());
        assertThat(seen(container)).isEqualTo(place);
        container.restart(Optional.of(Duration.ZERO));
        assertThat(seen(container)).as("chosen for good").isEqualTo(place);

        container.checkpoint(new CheckpointOptions());
        container.restore(new RestoreOptions().ignoreStaticIp(true));
        assertThat(mac(seen(container))).isEqualTo(mac(place));
        assertThat(address(seen(container))).isNotEqualTo(chosen);
        container.checkpoint(new CheckpointOptions());
        container.restore(new RestoreOptions().ignoreStaticMac(true));
        assertThat(mac(seen(container))).isNotEqualTo(mac(place));
        container.restart(Optional.of(Duration.ZERO));
        assertMoved(place, container);
        container.remove(true, true);

        Container imported = restored(archive, new RestoreOptions());
        assertThat(seen(imported)).isEqualTo(place);
        imported.remove(true, true);
        Container without =
                restored(archive, new RestoreOptions().ignoreStaticIp(true).ignoreStaticMac(true));
        assertMoved(place, without);
        without.restart(Optional.of(Duration.ZERO));
        assertMoved(place, without);
    }

    private static CreateOptions web() {
        return CreateOptions.fromImage("bb")
                .name("web")
                .volume(new CreateOptions.Volume("content", "/content", List.of()))
                .command(List.of("httpd", "-f", "-p", "80", "-h", "/content"));
    }

    private static void publishContent(Container container) {
        Inside.sh(container, "echo 'from the volume' > /content/index.html");
    }

    @Test
    @Upstream({22, 45, 49})
    void itServesUnderAnotherRootAndAnotherPort() throws IOException {
        int port = freePort();
        Container container = bench.run(web().publish(PortMapping.parse(port + ":80")));
        publishContent(container);
        awaitContent("127.0.0.1", port);
        String archive = bench.file("web.tar").toString();
        bench.ctr("checkpoint", "--ignore-rootfs", "-e", archive, "web");
        assertThat(get("127.0.0.1", port)).as("closed while it is down").isEmpty();
        container.remove(false, true);
        bench.ctr("volume", "rm", "content");
        try (CtrRoot other = CtrRoot.create().withBusybox()) {
            other.ctr("restore", "-i", archive);
            awaitContent("127.0.0.1", port);
            other.ctr("rm", "-f", "-t", "0", "web");
            assertThat(get("127.0.0.1", port)).isEmpty();

            int second = freePort();
            other.ctr("restore", "-i", archive, "--ignore-volumes", "-p", second + ":80");
            awaitContent("127.0.0.1", second);
            assertThat(get("127.0.0.1", port)).as("the port that it had").isEmpty();
            other.ctr("rm", "-f", "-t", "0", "web");

            int third = freePort();
            other.ctr("restore", "-i", archive, "--ignore-volumes", "-p", "127.0.0.1:" + third + ":80");
            assertThat(other.ctr("ps", "--format", "{{.Ports}}")).isEqualTo("127.0.0.1:" + third + "->80/tcp");
            awaitContent("127.0.0.1", third);
            assertThat(get(hostAddress(), third)).as("on another address").isEmpty();
        }
    }

    private static void awaitContent(String host, int port) {
        await().atMost(PATIENCE).until(() -> get(host, port).equals("from the volume\n"));
    }

    /** The page, or nothing if nobody answers. */
    private static String get(String host, int port) {
        try {
            URLConnection connection =
                    URI.create("http://" + host + ":" + port + "/").toURL().openConnection();
            connection.setConnectTimeout(2000);
            connection.setReadTimeout(2000);
            return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException nobody) {
            return "";
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    private static String hostAddress() throws SocketException {
        return Collections.list(NetworkInterface.getNetworkInterfaces()).stream()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .map(InetAddress::getHostAddress)
                .findFirst()
                .orElse("127.0.0.2");
    }
}

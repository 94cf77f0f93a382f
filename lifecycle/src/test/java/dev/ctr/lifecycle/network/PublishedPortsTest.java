package dev.ctr.lifecycle.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.criu.linux.NetworkNamespace;
import dev.ctr.lifecycle.EngineException;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A host with an address of its own, 192.0.2.1, and a client outside at 192.0.2.9. */
final class PublishedPortsTest {
    private TestHost host;
    private Path outside;

    @BeforeAll
    static void needsNamespacesAndPlugins() {
        assumeTrue(TestHost.canRun(), "making network namespaces, iptables, and CNI plugins in /usr/lib/cni");
    }

    @BeforeEach
    void makeHost() throws Exception {
        host = TestHost.create();
        outside = host.newNamespace("outside");
        host.sh("ip link add up0 type veth peer name out0 && ip addr add 192.0.2.1/24 dev"
                + " up0 && ip link set up0 up && ip link set out0 netns " + outside);
        TestHost.sh(outside, "ip addr add 192.0.2.9/24 dev out0 && ip link set out0 up && ip link set lo up");
    }

    @AfterEach
    void removeHost() throws Exception {
        host.close();
    }

    @Test
    void publishedPortAnswersFromEverywhere() throws Exception {
        NetworkAttachment web = host.attachment("root", "web", TestHost.anyAddress(), PortMapping.parse("8080:80"));
        host.attach("root", web);
        NetworkAttachment other = host.attachment("root", "other", TestHost.anyAddress());
        host.attach("root", other);

        try (ServerSocket server = TestHost.answer(web.namespace(), 80, "hello")) {
            assertThat(server.isBound()).isTrue();
            assertThat(TestHost.ask(host.namespace(), "127.0.0.1", 8080))
                    .as("host's loopback")
                    .isEqualTo("hello");
            assertThat(TestHost.ask(host.namespace(), "192.0.2.1", 8080))
                    .as("host's address")
                    .isEqualTo("hello");
            assertThat(TestHost.ask(outside, "192.0.2.1", 8080)).as("outside").isEqualTo("hello");
            assertThat(TestHost.ask(other.namespace(), "192.0.2.1", 8080))
                    .as("neighbour")
                    .isEqualTo("hello");
            assertThat(TestHost.ask(web.namespace(), "192.0.2.1", 8080))
                    .as("hairpin")
                    .isEqualTo("hello");
            host.detach(web);
            assertThatThrownBy(() -> TestHost.ask(host.namespace(), "127.0.0.1", 8080))
                    .isInstanceOf(IOException.class);
        }
        host.detach(other);
    }

    @Test
    void containerReachesOutsideByTheHostsAddress() throws Exception {
        NetworkAttachment web = host.attachment("root", "web", TestHost.anyAddress());
        host.attach("root", web);

        try (ServerSocket server = NetworkNamespace.call(outside, () -> new ServerSocket(7000))) {
            server.setSoTimeout(3000);
            String seen = NetworkNamespace.call(web.namespace(), () -> {
                try (var socket = new java.net.Socket("192.0.2.9", 7000);
                        var accepted = server.accept()) {
                    assertThat(socket.isConnected()).isTrue();
                    return accepted.getInetAddress().getHostAddress();
                }
            });
            assertThat(seen).isEqualTo("192.0.2.1");
        }
        host.detach(web);
    }

    @Test
    void rangesAndUdpReachTheirPorts() throws Exception {
        NetworkAttachment web = host.attachment(
                "root",
                "web",
                TestHost.anyAddress(),
                PortMapping.parse("8080-8082:80-82"),
                PortMapping.parse("5353:53/udp"));
        host.attach("root", web);

        try (ServerSocket server = TestHost.answer(web.namespace(), 82, "third");
                DatagramSocket dns = NetworkNamespace.call(web.namespace(), () -> new DatagramSocket(53))) {
            assertThat(server.isBound()).isTrue();
            assertThat(TestHost.ask(outside, "192.0.2.1", 8082)).isEqualTo("third");
            NetworkNamespace.call(outside, () -> {
                try (DatagramSocket client = new DatagramSocket()) {
                    byte[] question = "who".getBytes(StandardCharsets.UTF_8);
                    client.send(
                            new DatagramPacket(question, question.length, InetAddress.getByName("192.0.2.1"), 5353));
                    return true;
                }
            });
            DatagramPacket received = new DatagramPacket(new byte[16], 16);
            dns.setSoTimeout(3000);
            dns.receive(received);
            assertThat(received.getLength()).isEqualTo(3);
        }
        host.detach(web);
    }

    @Test
    void portOfOneHostAddressIsClosedAtOthers() throws Exception {
        NetworkAttachment web =
                host.attachment("root", "web", TestHost.anyAddress(), PortMapping.parse("127.0.0.1:8080:80"));
        host.attach("root", web);

        try (ServerSocket server = TestHost.answer(web.namespace(), 80, "hello")) {
            assertThat(server.isBound()).isTrue();
            assertThat(TestHost.ask(host.namespace(), "127.0.0.1", 8080)).isEqualTo("hello");
            assertThatThrownBy(() -> TestHost.ask(outside, "192.0.2.1", 8080)).isInstanceOf(IOException.class);
        }
        host.detach(web);
    }

    @Test
    void portThatAProgramListensOnIsRefused() throws Exception {
        NetworkAttachment web = host.attachment("root", "web", TestHost.anyAddress(), PortMapping.parse("18080:80"));

        try (ServerSocket listener = TestHost.answer(host.namespace(), 18080, "mine")) {
            assertThat(listener.isBound()).isTrue();
            assertThatThrownBy(() -> host.attach("root", web))
                    .hasMessage("cannot listen on the TCP port: listen tcp4 :18080: bind: address already in use")
                    .extracting(e -> ((EngineException) e).code())
                    .isEqualTo(EngineException.Code.IN_USE);
        }
        assertThat(host.links()).doesNotContain("ctr0");
        assertThat(Files.exists(web.stateDirectory().resolve("attachment.json")))
                .isFalse();
    }

    @Test
    void portThatAContainerOfAnotherRootPublishesIsRefused() throws Exception {
        NetworkAttachment web = host.attachment("root-a", "web", TestHost.anyAddress(), PortMapping.parse("53:53/udp"));
        NetworkAttachment two =
                host.attachment("root-b", "two", TestHost.anyAddress(), PortMapping.parse("127.0.0.1:52-54:52-54/udp"));
        host.attach("root-a", web);

        assertThatThrownBy(() -> host.attach("root-b", two))
                .hasMessage("cannot listen on the UDP port: listen udp4 127.0.0.1:53: bind: address already in use");

        host.detach(web);
        host.attach("root-b", two);
        host.detach(two);
    }

    @Test
    void addressThatIsNotTheHostsIsRefused() throws Exception {
        NetworkAttachment web =
                host.attachment("root", "web", TestHost.anyAddress(), PortMapping.parse("198.51.100.1:8080:80"));

        assertThatThrownBy(() -> host.attach("root", web))
                .hasMessage(
                        "cannot listen on the TCP port: listen tcp4 198.51.100.1:8080: bind: cannot assign requested"
                                + " address");
    }

    @Test
    void freePortsAreChosenOnceAndStayDistinct() throws Exception {
        List<PortMapping> assigned = host.call(() -> new Networks(host.root("root"))
                .assignHostPorts(
                        List.of(PortMapping.parse("80-89"), PortMapping.parse("80-89"), PortMapping.parse("8080:80"))));

        assertThat(assigned).hasSize(3).allMatch(mapping -> mapping.hostPort() > 0);
        assertThat(assigned.get(0).collidesWith(assigned.get(1))).isFalse();
        assertThat(assigned.get(2)).isEqualTo(PortMapping.parse("8080:80"));
    }

    @Test
    void versionSixAddressNeedsAVersionSixSubnet() throws Exception {
        NetworkAttachment web =
                host.attachment("root", "web", TestHost.anyAddress(), PortMapping.parse("[::1]:8080:80"));

        assertThatThrownBy(() -> host.attach("root", web))
                .hasMessage(
                        "container name-of-web cannot publish [::1]:8080:80/tcp: network \"podman\" has no subnet of"
                                + " that address's IP version; publish on another host address");
    }
}

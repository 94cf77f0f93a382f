package dev.ctr.lifecycle.network;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.criu.linux.NetworkNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes of attached containers, on a host made of a network namespace. */
final class AttachmentChangesTest {
    private TestHost host;

    @BeforeAll
    static void needsNamespacesAndPlugins() {
        assumeTrue(TestHost.canRun(), "making network namespaces, iptables, and CNI plugins in /usr/lib/cni");
    }

    @BeforeEach
    void makeHost() throws Exception {
        host = TestHost.create();
        host.call(() -> networks().create(new NetworkCreateOptions().name("back")));
    }

    @AfterEach
    void removeHost() throws Exception {
        host.close();
    }

    private Networks networks() {
        return new Networks(host.root("root"));
    }

    private NetworkAttachment on(NetworkAttachment attachment, String... networks) {
        Map<String, NetworkOptions> joined = new LinkedHashMap<>();
        List.of(networks).forEach(network -> joined.put(network, NetworkOptions.ANY));
        return new NetworkAttachment(
                attachment.containerId(),
                attachment.containerName(),
                attachment.namespace(),
                attachment.stateDirectory(),
                NetworkOptions.withInterfaceNames(joined),
                attachment.ports());
    }

    private static NetworkAttachment as(NetworkAttachment attachment, String network, String interfaceName) {
        return new NetworkAttachment(
                attachment.containerId(),
                attachment.containerName(),
                attachment.namespace(),
                attachment.stateDirectory(),
                Map.of(network, NetworkOptions.ANY.withInterfaceName(interfaceName)),
                attachment.ports());
    }

    @Test
    void theFirstNetworkHasTheDefaultRouteAndThePorts() throws Exception {
        NetworkAttachment web = on(
                host.attachment("root", "web", TestHost.anyAddress(), PortMapping.parse("8080:80")),
                "back",
                Networks.DEFAULT_NETWORK);

        Map<String, NetworkStatus> status = host.call(() -> networks().attach(web));

        assertThat(status.keySet()).containsExactly("back", Networks.DEFAULT_NETWORK);
        assertThat(TestHost.sh(web.namespace(), "ip route").lines().filter(route -> route.startsWith("default")))
                .containsExactly("default via 10.100.0.1 dev eth0 ");
        assertThat(host.rules())
                .filteredOn(rule -> rule.contains("DNAT --to-destination"))
                .singleElement()
                .asString()
                .contains("10.100.0.2:80");
        assertThatThrownBy(() -> host.call(() -> networks()
                        .attach(on(
                                host.attachment("root", "two", TestHost.address("10.100.0.2", "")), "nosuch", "back"))))
                .hasMessage("unable to find network with name or ID nosuch: network not found");
        host.detach(web);
        assertThat(host.containerRules()).isEmpty();
        assertThat(host.links()).containsOnly("lo", "ctr0", "ctr1");
    }

    @Test
    void networksComeAndGoWhileAContainerRuns() throws Exception {
        NetworkAttachment web = host.attachment("root", "web", TestHost.anyAddress());
        host.attach("root", web);

        Map<String, NetworkStatus> both = host.call(() -> networks().connect(as(web, "back", "eth1")));
        assertThat(both.keySet()).containsExactly(Networks.DEFAULT_NETWORK, "back");
        assertThat(host.call(() -> networks().connect(as(web, "back", "eth1")))).isEqualTo(both);
        assertThat(TestHost.sh(web.namespace(), "ip -4 -o addr; ip route"))
                .contains("eth1    inet 10.100.0.2/24", "default via 10.88.0.1 dev eth0")
                .doesNotContain("default via 10.100");

        Map<String, NetworkStatus> one =
                host.call(() -> networks().disconnect(as(web, Networks.DEFAULT_NETWORK, "eth0")));
        assertThat(one.keySet()).containsExactly("back");
        assertThat(host.leases()).isEmpty();
        assertThat(TestHost.sh(web.namespace(), "ip -o link"))
                .doesNotContain("eth0@")
                .contains("eth1@");
        assertThat(host.call(() -> networks().disconnect(as(web, Networks.DEFAULT_NETWORK, "eth0"))))
                .isEqualTo(one);

        host.detach(web);
        assertThat(host.links()).containsOnly("lo", "ctr0", "ctr1");
        assertThat(web.stateDirectory()).isEmptyDirectory();
    }

    @Test
    void aFailedConnectLeavesTheOtherNetworksAsTheyWere() throws Exception {
        NetworkAttachment web = host.attachment("root", "web", TestHost.anyAddress());
        NetworkStatus before = host.attach("root", web);
        TestHost.breakLastPlugin(host.root("root").resolve("networks/back.conflist"));

        assertThatThrownBy(() -> host.call(() -> networks().connect(as(web, "back", "eth1"))))
                .hasMessageContaining("the CNI plugin tuning failed at ADD: ");

        assertThat(TestHost.sh(web.namespace(), "ip -o link")).contains("eth0@").doesNotContain("eth1@");
        assertThat(host.ledger().resolve("addresses/back")).isDirectoryNotContaining("glob:**10.*");
        assertThat(host.call(() -> networks().reload(web.stateDirectory())))
                .isEqualTo(Map.of(Networks.DEFAULT_NETWORK, before));
        host.detach(web);
    }

    @Test
    void afterAFlushReloadBringsRulesBackAndConnectionsLive() throws Exception {
        Path outside = host.newNamespace("outside");
        host.sh("ip link add up0 type veth peer name out0 && ip addr add 192.0.2.1/24 dev"
                + " up0 && ip link set up0 up && ip link set out0 netns " + outside);
        TestHost.sh(outside, "ip addr add 192.0.2.9/24 dev out0 && ip link set out0 up && ip link set lo up");
        NetworkAttachment web = on(
                host.attachment("root", "web", TestHost.anyAddress(), PortMapping.parse("8080:80")),
                Networks.DEFAULT_NETWORK,
                "back");
        Map<String, NetworkStatus> before = host.call(() -> networks().attach(web));
        String address = requireNonNull(before.get(Networks.DEFAULT_NETWORK))
                .addresses()
                .get(0)
                .ip();

        try (ServerSocket server = TestHost.answer(web.namespace(), 80, "hello");
                ServerSocket echo = NetworkNamespace.call(web.namespace(), () -> new ServerSocket(7000));
                Socket client = NetworkNamespace.call(host.namespace(), () -> new Socket(address, 7000));
                Socket accepted = echo.accept()) {
            assertThat(TestHost.ask(outside, "192.0.2.1", 8080)).isEqualTo("hello");
            List<String> rules = host.rules();
            host.sh("iptables -F; iptables -t nat -F");
            assertThatThrownBy(() -> TestHost.ask(host.namespace(), "127.0.0.1", 8080))
                    .isInstanceOf(IOException.class);

            assertThat(host.call(() -> networks().reload(web.stateDirectory()))).isEqualTo(before);

            assertThat(server.isBound()).isTrue();
            assertThat(host.rules()).containsExactlyInAnyOrderElementsOf(rules);
            assertThat(TestHost.ask(outside, "192.0.2.1", 8080)).isEqualTo("hello");
            assertThat(TestHost.ask(host.namespace(), "127.0.0.1", 8080)).isEqualTo("hello");
            assertThat(seenOutside(web, outside)).isEqualTo("192.0.2.1");
            client.getOutputStream().write('x');
            accepted.setSoTimeout(3000);
            assertThat(accepted.getInputStream().read()).isEqualTo('x');
            host.call(() -> networks().reload(web.stateDirectory()));
            assertThat(host.rules()).containsExactlyInAnyOrderElementsOf(rules);
        }
        host.detach(web);
        assertThat(host.containerRules()).isEmpty();
    }

    /** The address under which the container is seen by a host outside. */
    private static String seenOutside(NetworkAttachment web, Path outside) throws IOException, InterruptedException {
        try (ServerSocket server = NetworkNamespace.call(outside, () -> new ServerSocket(7001))) {
            server.setSoTimeout(3000);
            return NetworkNamespace.call(web.namespace(), () -> {
                try (Socket socket = new Socket()) {
                    socket.connect(new InetSocketAddress("192.0.2.9", 7001), 3000);
                    try (Socket accepted = server.accept()) {
                        return accepted.getInetAddress().getHostAddress();
                    }
                }
            });
        }
    }

    @Test
    void containersKnowEachOtherByNameUntilTheyGo() throws Exception {
        NetworkAttachment web =
                on(host.attachment("root", "web", TestHost.anyAddress()), Networks.DEFAULT_NETWORK, "back");
        NetworkAttachment db = on(host.attachment("root", "db", TestHost.anyAddress()), "back");
        Path webHosts = Files.writeString(host.directory().resolve("web.hosts"), "127.0.0.1\tlocalhost\n");
        Path dbHosts = Files.writeString(host.directory().resolve("db.hosts"), "127.0.0.1\tlocalhost\n");
        publish(web, webHosts, Map.of("back", List.of("web", "www")));
        assertThat(webHosts).hasContent("127.0.0.1\tlocalhost\n");

        publish(db, dbHosts, Map.of("back", List.of("db")));

        assertThat(webHosts).content().contains("10.100.0.3\tdb\n");
        assertThat(dbHosts).content().contains("10.100.0.2\tweb www\n").doesNotContain("10.88.");
        host.detach(web);
        assertThat(dbHosts).hasContent("127.0.0.1\tlocalhost\n");
        AttachmentRecord.delete(db.stateDirectory());
        NetworkAttachment third = on(host.attachment("root", "third", TestHost.anyAddress()), "back");
        publish(third, dbHosts, Map.of("back", List.of("third")));
        assertThat(dbHosts).as("whose record is gone is void").content().doesNotContain("db");
        host.detach(third);
    }

    private void publish(NetworkAttachment attachment, Path hosts, Map<String, List<String>> names) throws Exception {
        host.call(() -> {
            networks().attach(attachment);
            networks().publishNames(attachment.stateDirectory(), hosts, names);
            return true;
        });
    }
}

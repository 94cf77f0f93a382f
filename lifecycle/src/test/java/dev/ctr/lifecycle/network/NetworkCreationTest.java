package dev.ctr.lifecycle.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.linux.BootId;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks that are defined and removed on a host made of a network namespace. */
final class NetworkCreationTest {
    private TestHost host;

    @BeforeAll
    static void needsNamespacesAndPlugins() {
        assumeTrue(TestHost.canRun(), "making network namespaces, iptables, and CNI plugins in /usr/lib/cni");
    }

    @BeforeEach
    void makeHost() throws Exception {
        host = TestHost.create();
    }

    @AfterEach
    void removeHost() throws Exception {
        host.close();
    }

    private ObjectNode create(String root, NetworkCreateOptions options) throws Exception {
        return host.call(() -> new Networks(host.root(root)).create(options));
    }

    private static NetworkCreateOptions named(String name) {
        return new NetworkCreateOptions().name(name);
    }

    private static String subnet(ObjectNode network) {
        return network.at("/subnets/0/subnet").asText();
    }

    @Test
    void aNetworkIsWrittenAsPodmanWritesIt() throws Exception {
        ObjectNode network = create(
                "root",
                named("db")
                        .subnet("10.123.0.0/24")
                        .gateway("10.123.0.9")
                        .ipRange("10.123.0.128/25")
                        .label("k", "v")
                        .option("mtu", "1400"));

        assertThat(network.at("/subnets").toString())
                .isEqualTo("[{\"subnet\":\"10.123.0.0/24\",\"gateway\":\"10.123.0.9\",\"lease_range\":"
                        + "{\"start_ip\":\"10.123.0.129\",\"end_ip\":\"10.123.0.254\"}}]");
        assertThat(network.path("labels").toString()).isEqualTo("{\"k\":\"v\"}");
        assertThat(network.path("options").toString()).isEqualTo("{\"mtu\":\"1400\"}");
        assertThat(network.path("network_interface").asText()).isEqualTo("ctr1");
        ObjectNode file = Json.readObject(host.root("root").resolve("networks/db.conflist"));
        assertThat(file.at("/plugins/0/mtu").asInt()).isEqualTo(1400);
        assertThat(file.at("/plugins/0/ipam/ranges/0/0").toString())
                .isEqualTo("{\"subnet\":\"10.123.0.0/24\",\"rangeStart\":\"10.123.0.129\",\"rangeEnd\":"
                        + "\"10.123.0.254\",\"gateway\":\"10.123.0.9\"}");
        assertThat(file.at("/args/podman_labels/k").asText()).isEqualTo("v");
    }

    @Test
    void freeSubnetsCollideWithNothing() throws Exception {
        host.sh("ip link add up0 type bridge && ip addr add 10.100.0.77/24 dev up0 && ip link set up0 up"
                + " && ip route add 10.100.1.0/24 dev up0");

        assertThat(subnet(create("a", named("one")))).isEqualTo("10.100.2.0/24");
        assertThat(subnet(create("b", named("one")))).isEqualTo("10.100.3.0/24");
        assertThat(subnet(create("a", new NetworkCreateOptions()))).isEqualTo("10.100.4.0/24");
        assertThatThrownBy(() -> create("b", named("two").subnet("10.100.4.128/25")))
                .hasMessage("subnet 10.100.4.128/25 is already used on the host or by another config");
        assertThatThrownBy(() -> create("b", named("two").subnet("10.100.1.0/30")))
                .hasMessageContaining("is already used on the host");
    }

    @Test
    void ofManyAtOnceEachGetsItsOwnAndANameGoesToOne() throws Exception {
        List<Callable<String>> makers = new ArrayList<>();
        for (int maker = 0; maker < 8; maker++) {
            String root = "root" + maker % 2;
            String name = maker < 4 ? "same" : "net" + maker;
            makers.add(() -> {
                try {
                    ObjectNode network = create(root, named(name));
                    return subnet(network) + " "
                            + network.path("network_interface").asText();
                } catch (EngineException taken) {
                    return String.valueOf(taken.getMessage());
                }
            });
        }
        ExecutorService threads = Executors.newFixedThreadPool(makers.size());
        Set<String> made = new HashSet<>();
        int refused = 0;
        try {
            for (Future<String> made1 : threads.invokeAll(makers)) {
                if (made1.get().equals("network name same already used: network already exists")) {
                    refused++;
                } else {
                    made.add(made1.get());
                }
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(refused).isEqualTo(2);
        assertThat(made).hasSize(6);
        assertThat(made.stream().map(network -> network.split(" ", -1)[0]).distinct())
                .hasSize(6);
        assertThat(made.stream().map(network -> network.split(" ", -1)[1]).distinct())
                .hasSize(6);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bad name | bridge | '' | '' | '' | network name bad name invalid: names must match"
                        + " [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument",
                "../up | bridge | '' | '' | '' | network name ../up invalid: names must match"
                        + " [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument",
                "host | bridge | '' | '' | '' | network name host invalid: --network host means something else: invalid"
                        + " argument",
                "a | foo | '' | '' | '' | unsupported driver foo: invalid argument",
                "a | bridge | '' | 10.9.0.1 | '' | cannot set gateway or range without subnet",
                "a | bridge | 10.9.0.0/24 | 10.10.0.1 | '' | gateway 10.10.0.1 not in subnet 10.9.0.0/24",
                "a | bridge | 10.9.0.0/24 | '' | 10.10.0.0/25 | ip-range 10.10.0.0/25 not in subnet 10.9.0.0/24",
                "a | bridge | 10.9.0.0/31 | '' | '' | subnet 10.9.0.0/31 has no room for a gateway and a container: take a"
                        + " shorter prefix",
            })
    void whatCannotBeIsRefused(
            String name, String driver, String subnet, String gateway, String ipRange, String message) {
        NetworkCreateOptions options = named(name).driver(driver);
        if (!subnet.isEmpty()) {
            options.subnet(subnet);
        }
        if (!gateway.isEmpty()) {
            options.gateway(gateway);
        }
        if (!ipRange.isEmpty()) {
            options.ipRange(ipRange);
        }

        assertThatThrownBy(() -> create("root", options)).hasMessage(message);
    }

    @Test
    void optionsAndInterfaceNamesAreChecked() throws Exception {
        assertThatThrownBy(() -> create("root", named("a").option("foo", "5")))
                .hasMessage("unsupported network option foo");
        assertThatThrownBy(() -> create("root", named("a").option("vlan", "4095")))
                .hasMessage("the vlan \"4095\" is not a number from 0 to 4094");
        assertThatThrownBy(() -> create("root", named("a").hostInterface("a/b")))
                .hasMessageContaining("is not an interface name");
        create("root", named("a").hostInterface("br9"));
        assertThatThrownBy(() -> create("root", named("b").hostInterface("br9")))
                .hasMessage("bridge name br9 already in use");
        assertThatThrownBy(() -> create("other", named("b").hostInterface("br9")))
                .hasMessage("bridge name br9 already in use");
        assertThat(create("root", named("m").driver("macvlan").option("parent", "lo"))
                        .toString())
                .contains("\"network_interface\":\"lo\"", "\"ipam_options\":{\"driver\":\"dhcp\"}")
                .doesNotContain("subnets");
    }

    @Test
    void aNetworkGoesWithItsBridgeAndItsRule() throws Exception {
        create("root", named("back").version6(true));
        NetworkAttachment web = on("back");
        Map<String, NetworkStatus> status = host.call(() -> new Networks(host.root("root")).attach(web));
        assertThat(status.get("back"))
                .satisfies(back -> assertThat(back.addresses()).hasSize(2));
        assertThat(host.links()).contains("ctr1");
        assertThat(host.rules()).anyMatch(rule -> rule.contains("ctr network back"));
        host.detach(web);

        host.call(() -> {
            Networks networks = new Networks(host.root("root"));
            networks.remove(networks.list().get(1).path("id").asText().substring(0, 12));
            return networks;
        });

        assertThat(host.links()).containsExactly("lo");
        assertThat(host.rules()).noneMatch(rule -> rule.contains("ctr network"));
        assertThat(host.root("root").resolve("networks/back.conflist")).doesNotExist();
        assertThatThrownBy(() -> host.call(() -> new Networks(host.root("root")).find("back")))
                .hasMessage("unable to find network with name or ID back: network not found");
        assertThat(subnet(create("other", named("x")))).isEqualTo("10.100.0.0/24");
    }

    @Test
    void onAnInternalNetworkThereIsNoWayOut() throws Exception {
        ObjectNode network = create("root", named("inside").internal(true));
        NetworkAttachment web = on("inside");
        Map<String, NetworkStatus> status = host.call(() -> new Networks(host.root("root")).attach(web));

        assertThat(network.path("internal").asBoolean()).isTrue();
        assertThat(network.at("/subnets/0").has("gateway")).isFalse();
        assertThat(status.values().iterator().next().addresses().get(0).gateway())
                .isEmpty();
        assertThat(TestHost.sh(web.namespace(), "ip route")).doesNotContain("default");
        assertThat(host.sh("ip -4 addr show ctr1")).doesNotContain("inet ");
        host.detach(web);
    }

    @Test
    void ledgersOfNamespacesThatAreGoneAreRemoved() throws Exception {
        Path gone = Path.of("/run/ctr-ipam", BootId.abbreviated() + "-1");
        Files.createDirectories(gone.resolve("addresses/podman"));
        Files.createDirectories(gone.resolve("claims"));
        Files.setLastModifiedTime(gone.resolve("claims"), FileTime.fromMillis(0));

        host.call(HostLedger::ofThisHost);

        assertThat(gone).doesNotExist();
    }

    private NetworkAttachment on(String network) throws Exception {
        return new NetworkAttachment(
                "web",
                "web",
                host.newNamespace("web"),
                host.stateDirectory("root", "web"),
                Map.of(network, TestHost.anyAddress()),
                List.of());
    }
}

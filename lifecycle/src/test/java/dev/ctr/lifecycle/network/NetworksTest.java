package dev.ctr.lifecycle.network;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ctr.criu.linux.BootId;
import dev.ctr.criu.linux.NetworkNamespace;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.network.NetworkStatus.Address;
import dev.ctr.lifecycle.network.NetworkStatus.NetworkInterfaceStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real plugins on a host made of a network namespace. */
final class NetworksTest {
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

    @Test
    void attachedContainerHasAnAddressARouteAndLoopback() throws Exception {
        NetworkAttachment web = host.attachment("root", "web", TestHost.anyAddress());

        NetworkStatus status = host.attach("root", web);

        NetworkInterfaceStatus eth0 = requireNonNull(status.interfaces().get("eth0"));
        assertThat(eth0.subnets()).containsExactly(new Address("10.88.0.2/16", "10.88.0.1"));
        assertThat(TestHost.sh(web.namespace(), "ip -4 -o addr show eth0; ip link show eth0; ip route"))
                .contains("inet 10.88.0.2/16", eth0.macAddress(), "default via 10.88.0.1");
        assertThat(TestHost.sh(web.namespace(), "ip link show lo")).contains("LOOPBACK,UP");
        host.detach(web);
    }

    @Test
    void detachLeavesNothingOfTheContainer() throws Exception {
        NetworkAttachment first = host.attachment("root", "first", TestHost.anyAddress(), PortMapping.parse("8080:80"));
        host.attach("root", first);
        host.detach(first);
        List<String> shared = host.rules();
        NetworkAttachment web = host.attachment("root", "web", TestHost.anyAddress(), PortMapping.parse("8080:80"));
        host.attach("root", web);
        assertThat(host.rules()).hasSizeGreaterThan(shared.size());

        host.detach(web);

        assertThat(host.rules()).containsExactlyInAnyOrderElementsOf(shared);
        assertThat(host.containerRules()).isEmpty();
        assertThat(host.links()).containsExactly("lo", "ctr0");
        assertThat(host.leases()).isEmpty();
        assertThat(host.ledger().resolve("claims")).isDirectoryNotContaining("glob:**.json");
        assertThat(web.stateDirectory()).isEmptyDirectory();
        assertThat(TestHost.sh(web.namespace(), "ip -o link")).doesNotContain("eth0");
    }

    @Test
    void detachCanBeRepeated() throws Exception {
        NetworkAttachment web = host.attachment("root", "web", TestHost.anyAddress());
        host.attach("root", web);

        host.detach(web);
        host.detach(web);

        assertThat(host.leases()).isEmpty();
    }

    @Test
    void detachReleasesEverythingWhenTheNamespaceIsGone() throws Exception {
        NetworkAttachment web = host.attachment("root", "web", TestHost.anyAddress(), PortMapping.parse("8080:80"));
        host.attach("root", web);
        NetworkNamespace.delete(web.namespace());

        host.detach(web);

        assertThat(host.containerRules()).isEmpty();
        assertThat(host.leases()).isEmpty();
        assertThat(web.stateDirectory()).isEmptyDirectory();
    }

    @Test
    void rootsOnOneHostShareTheAddressPool() throws Exception {
        NetworkAttachment one = host.attachment("root-a", "same", TestHost.anyAddress());
        NetworkAttachment two = host.attachment("root-b", "same", TestHost.anyAddress());

        String firstIp = ip(host.attach("root-a", one));
        String secondIp = ip(host.attach("root-b", two));

        assertThat(List.of(firstIp, secondIp)).containsExactly("10.88.0.2", "10.88.0.3");
        host.detach(one);
        assertThat(host.leases()).containsExactly("10.88.0.3");
        host.detach(two);
    }

    @Test
    void containersComeAndGoAtTheSameTime() throws Exception {
        List<Callable<Boolean>> lives = new ArrayList<>();
        for (int container = 0; container < 4; container++) {
            NetworkAttachment attachment = host.attachment(
                    "root", "c" + container, TestHost.anyAddress(), PortMapping.parse(8080 + container + ":80"));
            lives.add(() -> {
                for (int life = 0; life < 3; life++) {
                    host.attach("root", attachment);
                    host.detach(attachment);
                }
                return true;
            });
        }
        ExecutorService threads = Executors.newFixedThreadPool(lives.size());
        try {
            for (Future<Boolean> life : threads.invokeAll(lives)) {
                assertThat(life.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(host.containerRules()).isEmpty();
        assertThat(host.leases()).isEmpty();
        assertThat(host.links()).containsExactly("lo", "ctr0");
    }

    /** The chains that all containers share are not there yet, and each plugin makes those it does not see. */
    @Test
    void firstContainersOfAHostComeAtTheSameTime() throws Exception {
        List<NetworkAttachment> attachments = new ArrayList<>();
        List<Callable<NetworkStatus>> arrivals = new ArrayList<>();
        for (int container = 0; container < 6; container++) {
            NetworkAttachment attachment = host.attachment(
                    "root", "c" + container, TestHost.anyAddress(), PortMapping.parse(8080 + container + ":80"));
            attachments.add(attachment);
            arrivals.add(() -> host.attach("root", attachment));
        }
        ExecutorService threads = Executors.newFixedThreadPool(arrivals.size());
        try {
            for (Future<NetworkStatus> arrival : threads.invokeAll(arrivals)) {
                assertThat(ip(arrival.get())).startsWith("10.88.0.");
            }
        } finally {
            threads.shutdownNow();
            for (NetworkAttachment attachment : attachments) {
                host.detach(attachment);
            }
        }
    }

    @Test
    void hostsDoNotSeeEachOthersAddresses() throws Exception {
        try (TestHost other = TestHost.create()) {
            NetworkAttachment here = host.attachment("root", "web", TestHost.address("10.88.0.7", ""));
            NetworkAttachment there = other.attachment("root", "web", TestHost.address("10.88.0.7", ""));

            assertThat(ip(host.attach("root", here))).isEqualTo("10.88.0.7");
            assertThat(ip(other.attach("root", there))).isEqualTo("10.88.0.7");

            host.detach(here);
            other.detach(there);
        }
    }

    @Test
    void askedForAddressAndMacAreGiven() throws Exception {
        NetworkAttachment web = host.attachment("root", "web", TestHost.address("10.88.4.9", "46:65:22:a4:1e:a5"));

        NetworkStatus status = host.attach("root", web);

        assertThat(status.interfaces().get("eth0"))
                .isEqualTo(new NetworkInterfaceStatus(
                        List.of(new Address("10.88.4.9/16", "10.88.0.1")), "46:65:22:a4:1e:a5"));
        assertThat(TestHost.sh(web.namespace(), "ip link show eth0")).contains("46:65:22:a4:1e:a5");
        host.detach(web);
    }

    @Test
    void takenAddressIsRefusedAndSaysWhoHasIt() throws Exception {
        NetworkAttachment web = host.attachment("root-a", "web", TestHost.address("10.88.0.7", ""));
        NetworkAttachment clone = host.attachment("root-b", "clone", TestHost.address("10.88.0.7", ""));
        host.attach("root-a", web);

        assertThatThrownBy(() -> host.attach("root-b", clone))
                .hasMessage("container name-of-clone cannot have the address 10.88.0.7 on network \"podman\": container"
                        + " web-" + rootHash("root-a").substring(0, 8)
                        + " has it; stop that container, or take any free address (restore with --ignore-static-ip)")
                .extracting(e -> ((EngineException) e).code())
                .isEqualTo(EngineException.Code.ALREADY_EXISTS);
        assertThat(host.leases()).containsExactly("10.88.0.7");
        host.detach(web);
    }

    @Test
    void addressOfAContainerWhoseStateWasDeletedIsFreeAgain() throws Exception {
        NetworkAttachment lost = host.attachment("root", "lost", TestHost.address("10.88.0.7", ""));
        host.attach("root", lost);
        Files.delete(lost.stateDirectory().resolve("attachment.json"));
        NetworkAttachment web = host.attachment("root", "web", TestHost.address("10.88.0.7", ""));

        assertThat(ip(host.attach("root", web))).isEqualTo("10.88.0.7");
        host.detach(web);
    }

    @Test
    void addressOutsideTheSubnetIsRefused() throws Exception {
        NetworkAttachment web = host.attachment("root", "web", TestHost.address("10.99.0.7", ""));

        assertThatThrownBy(() -> host.attach("root", web))
                .hasMessage(
                        "container name-of-web cannot have the address 10.99.0.7 on network \"podman\": its subnet is"
                                + " 10.88.0.0/16; choose an address in it, or restore with --ignore-static-ip");
    }

    @Test
    void malformedMacIsRefused() throws Exception {
        NetworkAttachment web = host.attachment("root", "web", TestHost.address("", "46:65:22"));

        assertThatThrownBy(() -> host.attach("root", web))
                .hasMessage("container name-of-web cannot have the MAC address \"46:65:22\": write six pairs of"
                        + " hexadecimal digits, such as 02:11:22:33:44:55, or restore with --ignore-static-mac");
    }

    @Test
    void failureInTheMiddleUndoesWhatWasMade() throws Exception {
        Path definition = host.root("root").resolve("networks/podman.conflist");
        host.call(() -> new Networks(host.root("root")).inspect("podman"));
        TestHost.breakLastPlugin(definition);
        NetworkAttachment web = host.attachment("root", "web", TestHost.anyAddress(), PortMapping.parse("8080:80"));

        assertThatThrownBy(() -> host.attach("root", web))
                .hasMessageStartingWith("cannot attach container name-of-web to network \"podman\": the CNI plugin"
                        + " tuning failed at ADD: ");

        assertThat(host.containerRules()).isEmpty();
        assertThat(host.links()).containsExactly("lo", "ctr0");
        assertThat(host.leases()).isEmpty();
        assertThat(web.stateDirectory()).isEmptyDirectory();
    }

    @Test
    void aPluginThatIsNotInstalledIsMissedBeforeAnythingIsTouched() throws Exception {
        Path definition = host.root("root").resolve("networks/podman.conflist");
        host.call(() -> new Networks(host.root("root")).inspect("podman"));
        Files.writeString(definition, Files.readString(definition).replace("\"firewall\"", "\"no-such-plugin\""));
        NetworkAttachment web = host.attachment("root", "web", TestHost.anyAddress(), PortMapping.parse("8080:80"));

        assertThatThrownBy(() -> host.attach("root", web))
                .hasMessageStartingWith("cannot attach container name-of-web to network \"podman\": the CNI plugin"
                        + " no-such-plugin is in none of ");

        assertThat(host.links()).containsExactly("lo");
        assertThat(web.stateDirectory()).doesNotExist();
    }

    @Test
    void interruptedAttachLeavesNothing() throws Exception {
        Path plugins = Files.createDirectory(host.directory().resolve("plugins"));
        Path slow = Files.writeString(
                plugins.resolve("firewall"),
                "#!/bin/sh\n[ $CNI_COMMAND = DEL ] || { touch %s/started; exec sleep 60; }\n"
                        .formatted(host.directory()));
        Files.setPosixFilePermissions(slow, PosixFilePermissions.fromString("rwxr-xr-x"));
        Networks networks = new Networks(host.root("root"), CniPlugins.of(Map.of("CTR_CNI_PATH", plugins.toString())));
        NetworkAttachment web = host.attachment("root", "web", TestHost.anyAddress());
        FutureTask<EngineException> attach = new FutureTask<>(() -> host.call(() -> {
            try {
                networks.attach(web);
                throw new AssertionError("attached");
            } catch (EngineException e) {
                return e;
            }
        }));
        Thread thread = new Thread(attach);
        thread.start();
        while (!Files.exists(host.directory().resolve("started"))) {
            Thread.sleep(10);
        }

        thread.interrupt();
        thread.join();

        assertThat(host.leases()).isEmpty();
        assertThat(host.links()).containsExactly("lo", "ctr0");
        assertThat(web.stateDirectory()).isEmptyDirectory();
    }

    @Test
    void subnetOfAnotherInterfaceIsAvoided() throws Exception {
        host.sh("ip link add busy type veth peer name other && ip addr add 10.88.3.1/24 dev busy");
        NetworkAttachment web = host.attachment("root", "web", TestHost.anyAddress());

        assertThat(ip(host.attach("root", web))).isEqualTo("10.89.0.2");
        host.detach(web);
    }

    @Test
    void existingBridgeKeepsItsSubnet() throws Exception {
        host.sh("ip link add ctr0 type bridge && ip addr add 10.77.0.1/24 dev ctr0");
        NetworkAttachment web = host.attachment("root", "web", TestHost.anyAddress());

        NetworkStatus status = host.attach("root", web);

        assertThat(status.addresses()).containsExactly(new Address("10.77.0.2/24", "10.77.0.1"));
        host.detach(web);
    }

    @Test
    void containerWithoutNetworksHasLoopbackOnly() throws Exception {
        NetworkAttachment none = new NetworkAttachment(
                "none", "none", host.newNamespace("none"), host.stateDirectory("root", "none"), Map.of(), List.of());

        assertThat(host.call(() -> new Networks(host.root("root")).attach(none)))
                .isEmpty();

        assertThat(TestHost.sh(none.namespace(), "ip link show lo")).contains("LOOPBACK,UP");
        assertThat(none.stateDirectory()).doesNotExist();
    }

    @Test
    void recordOfAnEarlierBootIsDropped() throws Exception {
        NetworkAttachment web = host.attachment("root", "web", TestHost.anyAddress());
        NetworkStatus status = host.attach("root", web);
        Path file = web.stateDirectory().resolve("attachment.json");
        Files.writeString(file, Files.readString(file).replace(BootId.current(), "an-earlier-boot"));

        host.detach(web);

        assertThat(web.stateDirectory()).isEmptyDirectory();
        assertThat(host.leases())
                .singleElement()
                .isEqualTo(status.addresses().get(0).ip());
    }

    @Test
    void listShowsTheDefaultNetworkInPodmansForm() throws Exception {
        assertThat(host.call(() -> new Networks(host.root("root")).list()))
                .singleElement()
                .satisfies(network -> {
                    assertThat(network.path("name").asText()).isEqualTo("podman");
                    assertThat(network.path("id").asText())
                            .isEqualTo("2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9");
                    assertThat(network.path("driver").asText()).isEqualTo("bridge");
                    assertThat(network.path("network_interface").asText()).isEqualTo("ctr0");
                    assertThat(network.path("subnets").toString())
                            .isEqualTo("[{\"subnet\":\"10.88.0.0/16\",\"gateway\":\"10.88.0.1\"}]");
                });
    }

    @Test
    void unknownNetworkIsRefused() throws Exception {
        assertThatThrownBy(() -> host.call(() -> new Networks(host.root("root")).inspect("nowhere")))
                .hasMessage("unable to find network with name or ID nowhere: network not found");
    }

    private String rootHash(String root) {
        return NetworkDefinition.sha256(host.root(root).toString());
    }

    private static String ip(NetworkStatus status) {
        return status.addresses().get(0).ip();
    }
}

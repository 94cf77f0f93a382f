package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code ctr network} and {@code ctr port} in podman's spelling; nothing runs here. */
final class NetworkCommandsTest {
    private static CtrRoot root;
    private static HostNamespace host;

    @BeforeAll
    static void importBusybox() {
        assumeTrue(HostNamespace.canRun(), "making network namespaces and bridges, and iptables");
        root = CtrRoot.create();
        host = HostNamespace.of(root);
        root.ctr(
                "import",
                "-c",
                "EXPOSE 80",
                "-c",
                "EXPOSE 90/udp",
                Busybox.tar().toString(),
                "bb");
    }

    @AfterAll
    static void nothingIsLeft() {
        if (root != null) {
            try (CtrRoot closed = root;
                    HostNamespace gone = host) {
                assertThat(closed).isNotNull();
                assertThat(gone).isNotNull();
            }
        }
    }

    @Test
    void networksAreListedInspectedAndRemoved() {
        assertThat(host.ctr("network", "create", "--label", "tier=db", "--subnet", "10.123.0.0/24", "ls-db"))
                .isEqualTo("ls-db");
        host.ctr("network", "create", "--internal", "--disable-dns", "ls-inside");

        assertThat(host.ctr("network", "ls", "--filter", "name=ls-").lines())
                .hasSize(3)
                .first()
                .asString()
                .isEqualTo("NETWORK ID    NAME        DRIVER");
        assertThat(host.ctr("network", "ls", "-q", "--filter", "label=tier=db")).isEqualTo("ls-db");
        assertThat(host.ctr("network", "ls", "--filter", "name=ls-db", "--format", "{{.Name}} {{.Driver}} {{.Labels}}"))
                .isEqualTo("ls-db bridge tier=db");
        JsonNode json = JsonOutput.of(host.ctr("network", "ls", "--format", "json"));
        assertThat(json.findValuesAsText("name")).contains("podman", "ls-db", "ls-inside");
        JsonNode inspected = JsonOutput.of(host.ctr("network", "inspect", "ls-db", "ls-inside"));
        assertThat(inspected.at("/0/subnets/0/gateway").asText()).isEqualTo("10.123.0.1");
        assertThat(inspected.at("/1/internal").asBoolean()).isTrue();
        assertThat(inspected.at("/1/dns_enabled").asBoolean()).isFalse();
        assertThat(host.ctr("network", "inspect", "-f", "{{.Driver}} {{.Internal}}", "ls-inside"))
                .isEqualTo("bridge true");
        assertThat(host.run("network", "exists", "ls-db").exitCode()).isZero();

        assertThat(host.ctr("network", "rm", "ls-db", "ls-inside")).isEqualTo("ls-db\nls-inside");
        assertThat(host.run("network", "exists", "ls-db").exitCode()).isEqualTo(1);
    }

    @Test
    void whatDoesNotExistOrIsTheDefaultIsRefusedInPodmansWords() {
        assertThat(host.run("network", "rm", "nosuch").failedWith(1))
                .contains("unable to find network with name or ID nosuch: network not found");
        assertThat(host.run("network", "rm", "-f", "nosuch").exitCode()).isZero();
        assertThat(host.run("network", "rm", "podman").failedWith(125))
                .contains("default network podman cannot be removed");
        CommandResult inspect = host.run("network", "inspect", "nosuch");
        assertThat(inspect.failedWith(125))
                .contains("inspecting object: network nosuch: unable to find network with name or ID nosuch");
        assertThat(inspect.output().strip()).isEqualTo("[]");
        assertThat(host.run("create", "--network", "nosuch", "bb", "true").failedWith(125))
                .contains("unable to find network with name or ID nosuch: network not found");
    }

    @Test
    void aNetworkInUseIsKeptAndItsUsersCanBeConnectedElsewhere() {
        host.ctr("network", "create", "used");
        host.ctr("network", "create", "spare");
        host.ctr("create", "--name", "user", "--network", "used:alias=u,interface_name=net7", "bb", "true");

        assertThat(host.run("network", "rm", "used").failedWith(2))
                .contains("\"used\" has associated containers with it. Use -f to forcibly delete containers and pods:"
                        + " network is being used");
        host.ctr("network", "connect", "--alias", "s", "--ip", "10.100.7.7", "spare", "user");
        host.ctr("network", "connect", "spare", "user");
        JsonNode networks = JsonOutput.inspect(root, "user").at("/NetworkSettings/Networks");
        assertThat(networks.at("/spare/Aliases/0").asText()).isEqualTo("s");
        assertThat(networks.at("/used/Aliases").toString()).startsWith("[\"u\",");
        host.ctr("network", "disconnect", "spare", "user");
        assertThat(host.run("network", "disconnect", "spare", "user").failedWith(125))
                .contains("container user is not connected to network spare");
        assertThat(host.run("network", "reload", "user").failedWith(125))
                .contains(
                        "cannot reload network unless container network has been configured: container state improper");
        assertThat(host.ctr("network", "prune", "-f").lines()).contains("spare").doesNotContain("used", "podman");
        assertThat(host.ctr("network", "rm", "-f", "used")).isEqualTo("used");
        assertThat(host.run("inspect", "user").exitCode()).isEqualTo(125);
    }

    @Test
    void exposedPortsArePublishedOnFreeOnes() {
        host.ctr(
                "create",
                "--name",
                "ports",
                "-P",
                "--expose",
                "1000-1001",
                "-p",
                "8100-8101:8100-8101",
                "-p",
                "8102:8102",
                "-p",
                "127.0.0.1::77",
                "-p",
                "8123:80",
                "bb",
                "true");
        JsonNode ports = JsonOutput.inspect(root, "ports").at("/NetworkSettings/Ports");
        assertThat(ports.fieldNames())
                .toIterable()
                .containsExactly(
                        "1000/tcp", "1001/tcp", "77/tcp", "80/tcp", "8100/tcp", "8101/tcp", "8102/tcp", "90/udp");
        assertThat(ports.at("/80~1tcp").toString()).isEqualTo("[{\"HostIp\":\"\",\"HostPort\":\"8123\"}]");
        assertThat(ports.at("/90~1udp/0/HostPort").asInt()).isPositive();
        assertThat(host.ctr("ps", "-a", "--filter", "name=ports", "--format", "{{.Ports}}"))
                .startsWith("0.0.0.0:8100-8102->8100-8102/tcp, 127.0.0.1:"
                        + ports.at("/77~1tcp/0/HostPort").asText() + "->77/tcp, 0.0.0.0:8123->80/tcp, ");
        assertThat(host.ctr("port", "ports")).as("it does not run").isEmpty();

        host.ctr("create", "--name", "unpublished", "bb", "true");
        assertThat(JsonOutput.inspect(root, "unpublished")
                        .at("/NetworkSettings/Ports")
                        .toString())
                .isEqualTo("{\"80/tcp\":null,\"90/udp\":null}");
        CommandResult discarded =
                host.run("create", "--name", "hostly", "--network", "host", "-p", "80:80", "bb", "true");
        assertThat(discarded.errors()).contains("Port mappings have been discarded");
        assertThat(discarded.exitCode()).isZero();
        assertThat(host.run("network", "connect", "podman", "hostly").failedWith(125))
                .contains("\"host\" is not supported: invalid network mode");
    }

    @Test
    void combinationsThatMakeNoSenseAreRefused() {
        host.ctr("network", "create", "one");
        host.ctr("network", "create", "two");
        assertThat(host.run("create", "--network", "one,two", "--ip", "10.100.0.9", "bb", "true")
                        .failedWith(125))
                .contains("--ip can only be set for a single network: invalid argument");
        assertThat(host.run("create", "--network", "none", "--network-alias", "q", "bb", "true")
                        .failedWith(125))
                .contains("--network-alias can only be set when the network mode is bridge: invalid argument");
        assertThat(host.run("create", "--no-hosts", "--add-host", "a:10.0.0.1", "bb", "true")
                        .failedWith(125))
                .contains("--no-hosts and --add-host cannot be set together");
        assertThat(host.run("create", "--dns", "foo", "bb", "true").failedWith(125))
                .contains("foo is not an ip address");
    }
}

package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ctr.lifecycle.Container;
import dev.ctr.lifecycle.CreateOptions;
import dev.ctr.lifecycle.network.NetworkOptions;
import dev.ctr.lifecycle.network.PortMapping;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A container would go to a host where others have its addresses and its port. */
class PreflightTest {
    private static final String ADDRESS = TestHost.SUBNET + 40;
    private static final String MAC = "02:77:00:00:00:33";

    private TestHosts hosts;
    private TestHost a;
    private TestHost b;
    private TestAgents agents;

    @BeforeEach
    void makeHosts() {
        assumeTrue(TestHosts.canRun(), "network namespaces with bridges and iptables are not to be had");
        hosts = TestHosts.of(2);
        a = hosts.host(0);
        b = hosts.host(1);
        a.root().withBusybox();
        b.root().withBusybox();
        agents = TestAgents.of(a, b);
        agents.start(b);
    }

    @AfterEach
    void leaveNothing() throws InterruptedException {
        if (agents != null) {
            agents.close();
        }
        if (hosts != null) {
            hosts.close();
        }
    }

    private static void start(TestHost host, String name, NetworkOptions network, PortMapping... ports)
            throws IOException, InterruptedException {
        host.call(() -> {
            CreateOptions options = CreateOptions.fromImage("bb")
                    .name(name)
                    .joinNetwork(TestHost.NETWORK, network)
                    .command(List.of("sleep", "1000"));
            List.of(ports).forEach(options::publish);
            Container container = host.engine().create(options);
            container.start();
            return container;
        });
    }

    /** What speaks against the migration, a word and a sentence each; the whole is in the answer of the dry run. */
    private List<String> refusals(String... more) throws IOException {
        List<String> words = new ArrayList<>(
                List.of("migrate", "web", "--to", TestAgents.address(b), "--dry-run", "--format", "json"));
        words.addAll(agents.identity(a));
        words.addAll(List.of(more));
        CommandResult result = a.run(words.toArray(String[]::new));
        JsonNode answer = new ObjectMapper().readTree(result.output());
        List<String> refusals = new ArrayList<>();
        for (JsonNode finding : answer.path("findings")) {
            if (finding.path("verdict").asText().equals("refused")) {
                refusals.add(
                        finding.path("what").asText() + ": " + finding.path("reason").asText());
            }
        }
        assertThat(answer.path("granted").asBoolean()).as(result.toString()).isEqualTo(refusals.isEmpty());
        assertThat(result.exitCode()).isEqualTo(refusals.isEmpty() ? 0 : 125);
        return refusals;
    }

    @Test
    void anAddressAMacAddressOrAPortThatAnotherHasIsRefusedBeforeAnythingIsTouched() throws Exception {
        PortMapping port = PortMapping.parse("18099:80");
        start(b, "namesake", NetworkOptions.ANY.withStaticIp(ADDRESS), port);
        start(b, "twin", NetworkOptions.ANY.withStaticMac(MAC));
        start(a, "web", NetworkOptions.ANY.withStaticIp(ADDRESS).withStaticMac(MAC), port);
        assertThat(refusals())
                .satisfiesExactly(
                        reason -> assertThat(reason)
                                .startsWith("address: on the target, container web cannot have the address " + ADDRESS),
                        reason -> assertThat(reason).startsWith("address: ").contains("the MAC address " + MAC),
                        reason -> assertThat(reason).startsWith("port: ").contains("18099"));
        assertThat(refusals("--name", "web2", "--publish", "18098:80")).isEmpty();
        assertThat(b.ctr("migrate", "ls", "-n")).isEmpty();
    }
}

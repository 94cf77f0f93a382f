package dev.ctr.lifecycle.network;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.lifecycle.Json;
import dev.ctr.lifecycle.network.NetworkStatus.Address;
import dev.ctr.lifecycle.network.NetworkStatus.NetworkInterfaceStatus;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class NetworkStatusTest {
    /** As podman 4.3.1 writes network.status. */
    private static final String PODMANS = """
            {"podman":{"interfaces":{"eth0":{"subnets":[{"ipnet":"10.88.0.7/16","gateway":"10.88.0.1"}],\
            "mac_address":"46:65:22:a4:1e:a5"}}}}""";

    @Test
    void podmansFormIsReadAndWrittenUnchanged() throws Exception {
        Map<String, NetworkStatus> statuses = NetworkStatus.mapFromJson(json(PODMANS));

        assertThat(statuses)
                .containsExactly(Map.entry(
                        "podman",
                        new NetworkStatus(
                                Map.of(
                                        "eth0",
                                        new NetworkInterfaceStatus(
                                                List.of(new Address("10.88.0.7/16", "10.88.0.1")),
                                                "46:65:22:a4:1e:a5")),
                                List.of(),
                                List.of())));
        assertThat(NetworkStatus.mapToJson(statuses)).hasToString(PODMANS);
    }

    @Test
    void nameServersAndDomainsAreKept() throws Exception {
        String text = "{\"interfaces\":{},\"dns_server_ips\":[\"10.89.0.1\"],\"dns_search_domains\":[\"dns.podman\"]}";

        NetworkStatus status = NetworkStatus.fromJson(json(text));

        assertThat(status.dnsServers()).containsExactly("10.89.0.1");
        assertThat(status.dnsSearchDomains()).containsExactly("dns.podman");
        assertThat(status.toJson()).hasToString(text);
    }

    @Test
    void nullAndMissingFieldsReadAsEmpty() throws Exception {
        assertThat(NetworkStatus.mapFromJson(json("null"))).isEmpty();
        assertThat(NetworkStatus.mapFromJson(json("{\"n\":{\"interfaces\":{\"eth0\":{\"subnets\":null}}}}")))
                .containsExactly(Map.entry(
                        "n",
                        new NetworkStatus(
                                Map.of("eth0", new NetworkInterfaceStatus(List.of(), "")), List.of(), List.of())));
    }

    @Test
    void pluginsResultIsReducedToTheContainersSide() throws Exception {
        JsonNode result = json("""
                {"interfaces":[{"name":"ctr0","mac":"02:60:c6:5f:41:23"},
                               {"name":"eth0","mac":"46:65:22:a4:1e:a5","sandbox":"/run/netns/a"}],
                 "ips":[{"version":"4","interface":1,"address":"10.88.0.7/16","gateway":"10.88.0.1"},
                        {"address":"fd00::7/64"}, {"interface":0,"address":"10.88.0.1/16"}],
                 "dns":{"nameservers":["10.88.0.1"],"search":["lan"]}}""");

        assertThat(NetworkStatus.fromCniResult(result))
                .isEqualTo(new NetworkStatus(
                        Map.of(
                                "eth0",
                                new NetworkInterfaceStatus(
                                        List.of(
                                                new Address("10.88.0.7/16", "10.88.0.1"),
                                                new Address("fd00::7/64", "")),
                                        "46:65:22:a4:1e:a5")),
                        List.of("10.88.0.1"),
                        List.of("lan")));
    }

    @Test
    void addressIsTheIpnetWithoutItsPrefix() {
        assertThat(new Address("10.88.0.7/16", "").ip()).isEqualTo("10.88.0.7");
    }

    private static JsonNode json(String text) throws Exception {
        return Json.MAPPER.readTree(text);
    }
}

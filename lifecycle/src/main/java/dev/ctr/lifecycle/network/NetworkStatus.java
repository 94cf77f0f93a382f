package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a container got from one network: libpod's status block, a value of the map in {@code network.status} of a checkpoint
 * archive. Fields that are empty are absent from the JSON, as in libpod's.
 *
 * @param interfaces what it got on each interface inside the container, by name
 * @param dnsServers name servers that the network offers
 * @param dnsSearchDomains domains that the network offers to search
 */
public record NetworkStatus(
        Map<String, NetworkInterfaceStatus> interfaces, List<String> dnsServers, List<String> dnsSearchDomains) {

    /**
     * One interface inside the container.
     *
     * @param subnets its addresses
     * @param macAddress its MAC address, such as {@code 46:65:22:a4:1e:a5}; empty if unknown
     */
    public record NetworkInterfaceStatus(List<Address> subnets, String macAddress) {
        public NetworkInterfaceStatus {
            subnets = List.copyOf(subnets);
        }
    }

    /**
     * One address of an interface.
     *
     * @param ipnet the address with its prefix length, such as {@code 10.88.0.7/16}
     * @param gateway the subnet's gateway; empty if it has none
     */
    public record Address(String ipnet, String gateway) {
        /** The address without the prefix length. */
        public String ip() {
            int slash = ipnet.indexOf('/');
            return slash < 0 ? ipnet : ipnet.substring(0, slash);
        }
    }

    public NetworkStatus {
        interfaces = Collections.unmodifiableMap(new LinkedHashMap<>(interfaces));
        dnsServers = List.copyOf(dnsServers);
        dnsSearchDomains = List.copyOf(dnsSearchDomains);
    }

    /** Every address of every interface, in order. */
    public List<Address> addresses() {
        return interfaces.values().stream()
                .flatMap(status -> status.subnets().stream())
                .toList();
    }

    /** The same where no address has a gateway, as on an internal network. */
    NetworkStatus withoutGateways() {
        Map<String, NetworkInterfaceStatus> without = new LinkedHashMap<>();
        interfaces.forEach((name, status) -> without.put(
                name,
                new NetworkInterfaceStatus(
                        status.subnets().stream()
                                .map(address -> new Address(address.ipnet(), ""))
                                .toList(),
                        status.macAddress())));
        return new NetworkStatus(without, dnsServers, dnsSearchDomains);
    }

    /** Reads one status block; unknown fields are ignored, missing ones are empty. */
    public static NetworkStatus fromJson(JsonNode json) {
        Map<String, NetworkInterfaceStatus> interfaces = new LinkedHashMap<>();
        json.path("interfaces").properties().forEach(entry -> {
            List<Address> addresses = new ArrayList<>();
            for (JsonNode subnet : entry.getValue().path("subnets")) {
                addresses.add(new Address(
                        subnet.path("ipnet").asText(""), subnet.path("gateway").asText("")));
            }
            interfaces.put(
                    entry.getKey(),
                    new NetworkInterfaceStatus(
                            addresses, entry.getValue().path("mac_address").asText("")));
        });
        return new NetworkStatus(
                interfaces, texts(json.path("dns_server_ips")), texts(json.path("dns_search_domains")));
    }

    /** Reads the map of status blocks by network that {@code network.status} holds; JSON's null reads as empty. */
    public static Map<String, NetworkStatus> mapFromJson(JsonNode json) {
        Map<String, NetworkStatus> statuses = new LinkedHashMap<>();
        json.properties().forEach(entry -> statuses.put(entry.getKey(), fromJson(entry.getValue())));
        return Collections.unmodifiableMap(statuses);
    }

    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ObjectNode byName = json.putObject("interfaces");
        interfaces.forEach((name, status) -> {
            ObjectNode one = byName.putObject(name);
            ArrayNode subnets = one.putArray("subnets");
            for (Address address : status.subnets()) {
                ObjectNode subnet = subnets.addObject().put("ipnet", address.ipnet());
                putUnlessEmpty(subnet, "gateway", address.gateway());
            }
            putUnlessEmpty(one, "mac_address", status.macAddress());
        });
        putUnlessEmpty(json, "dns_server_ips", dnsServers);
        putUnlessEmpty(json, "dns_search_domains", dnsSearchDomains);
        return json;
    }

    /** The JSON object that {@code network.status} holds. */
    public static ObjectNode mapToJson(Map<String, NetworkStatus> statuses) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        statuses.forEach((network, status) -> json.set(network, status.toJson()));
        return json;
    }

    /** Reads what a chain of CNI plugins reported: the interfaces inside the container, with their addresses. */
    static NetworkStatus fromCniResult(JsonNode result) {
        Map<String, NetworkInterfaceStatus> interfaces = new LinkedHashMap<>();
        int index = 0;
        for (JsonNode reported : result.path("interfaces")) {
            if (!reported.path("sandbox").asText("").isEmpty()) {
                List<Address> addresses = addressesOf(index, interfaces.isEmpty(), result);
                interfaces.put(
                        reported.path("name").asText(),
                        new NetworkInterfaceStatus(
                                addresses, reported.path("mac").asText("")));
            }
            index++;
        }
        JsonNode dns = result.path("dns");
        return new NetworkStatus(interfaces, texts(dns.path("nameservers")), texts(dns.path("search")));
    }

    /** An address without an interface counts as the first one's. */
    private static List<Address> addressesOf(int interfaceIndex, boolean isFirst, JsonNode result) {
        List<Address> addresses = new ArrayList<>();
        for (JsonNode ip : result.path("ips")) {
            boolean isTheirs = ip.has("interface") ? ip.path("interface").asInt() == interfaceIndex : isFirst;
            if (isTheirs) {
                addresses.add(new Address(
                        ip.path("address").asText(), ip.path("gateway").asText("")));
            }
        }
        return addresses;
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    private static void putUnlessEmpty(ObjectNode object, String key, String value) {
        if (!value.isEmpty()) {
            object.put(key, value);
        }
    }

    private static void putUnlessEmpty(ObjectNode object, String key, List<String> values) {
        if (!values.isEmpty()) {
            ArrayNode array = object.putArray(key);
            values.forEach(array::add);
        }
    }
}

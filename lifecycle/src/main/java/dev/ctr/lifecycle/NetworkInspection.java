package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.network.NetworkOptions;
import dev.ctr.lifecycle.network.NetworkStatus;
import dev.ctr.lifecycle.network.Networks;
import dev.ctr.lifecycle.network.PortMapping;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * {@code NetworkSettings} of {@code podman inspect} (libpod/networking_linux.go, getContainerNetworkInfo).
 *
 * @param config the container
 * @param status what it has from its networks at present
 * @param namespace where its network namespace is
 */
record NetworkInspection(ContainerConfig config, Map<String, NetworkStatus> status, Path namespace) {
    static NetworkInspection of(EngineContext engine, ContainerConfig config) throws IOException {
        return new NetworkInspection(
                config,
                new ContainerResources(engine, config).networkStatus(),
                engine.store().paths(config.id()).networkNamespace());
    }

    ObjectNode toJson() {
        Map<String, NetworkOptions> networks = config.networks();
        boolean hasDefaultNetworkOnly = networks.size() == 1 && networks.containsKey(Networks.DEFAULT_NETWORK);
        ObjectNode json = endpoint(
                Optional.ofNullable(status.get(Networks.DEFAULT_NETWORK)).filter(found -> hasDefaultNetworkOnly));
        json.put("Bridge", "");
        json.put("SandboxID", "");
        json.put("HairpinMode", false);
        json.put("LinkLocalIPv6Address", "");
        json.put("LinkLocalIPv6PrefixLen", 0);
        json.set("Ports", ports());
        json.put("SandboxKey", status.isEmpty() ? "" : namespace.toString());
        ObjectNode all = json.putObject("Networks");
        networks.forEach((name, join) -> all.set(name, network(name, join)));
        return json;
    }

    private ObjectNode network(String name, NetworkOptions join) {
        ObjectNode network = endpoint(Optional.ofNullable(status.get(name)));
        network.put("NetworkID", name);
        network.putNull("DriverOpts");
        network.putNull("IPAMConfig");
        network.putNull("Links");
        network.set("Aliases", Json.array(join.aliases()));
        return network;
    }

    private static ObjectNode endpoint(Optional<NetworkStatus> status) {
        List<NetworkStatus.Address> addresses =
                status.map(NetworkStatus::addresses).orElse(List.of());
        Optional<NetworkStatus.Address> version4 = addresses.stream()
                .filter(address -> !address.ip().contains(":"))
                .findFirst();
        Optional<NetworkStatus.Address> version6 =
                addresses.stream().filter(address -> address.ip().contains(":")).findFirst();
        ObjectNode json = Json.object();
        json.put("EndpointID", "");
        json.put("Gateway", version4.map(NetworkStatus.Address::gateway).orElse(""));
        json.put("IPAddress", version4.map(NetworkStatus.Address::ip).orElse(""));
        json.put("IPPrefixLen", version4.map(NetworkInspection::prefixLength).orElse(0));
        json.put("IPv6Gateway", version6.map(NetworkStatus.Address::gateway).orElse(""));
        json.put("GlobalIPv6Address", version6.map(NetworkStatus.Address::ip).orElse(""));
        json.put(
                "GlobalIPv6PrefixLen",
                version6.map(NetworkInspection::prefixLength).orElse(0));
        json.put(
                "MacAddress",
                status.flatMap(found -> found.interfaces().values().stream().findFirst())
                        .map(NetworkStatus.NetworkInterfaceStatus::macAddress)
                        .orElse(""));
        return json;
    }

    private static int prefixLength(NetworkStatus.Address address) {
        int slash = address.ipnet().indexOf('/');
        return slash < 0 ? 0 : Integer.parseInt(address.ipnet().substring(slash + 1));
    }

    /** Exposed ports, null where they are not published, in the order of Go's maps: that of their texts. */
    ObjectNode ports() {
        Map<String, List<PortMapping>> published = new TreeMap<>();
        config.exposedPorts()
                .forEach((port, protocols) ->
                        protocols.forEach(protocol -> published.put(port + "/" + protocol, new ArrayList<>())));
        for (PortMapping mapping : config.ports()) {
            for (PortMapping port : mapping.single()) {
                published
                        .computeIfAbsent(port.containerPort() + "/" + port.protocol(), absent -> new ArrayList<>())
                        .add(port);
            }
        }
        ObjectNode ports = Json.object();
        published.forEach((port, mappings) -> {
            if (mappings.isEmpty()) {
                ports.putNull(port);
            }
            for (PortMapping mapping : mappings) {
                ports.withArrayProperty(port)
                        .addObject()
                        .put("HostIp", mapping.hostIp())
                        .put("HostPort", Integer.toString(mapping.hostPort()));
            }
        });
        return ports;
    }

    /** The published ports alone, as {@code HostConfig.PortBindings} has them. */
    ObjectNode bindings() {
        ObjectNode bindings = Json.object();
        ports().properties().forEach(entry -> {
            if (!entry.getValue().isNull()) {
                bindings.set(entry.getKey(), entry.getValue());
            }
        });
        return bindings;
    }
}

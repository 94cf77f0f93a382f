package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.image.Image;
import dev.ctr.lifecycle.network.HostsFile;
import dev.ctr.lifecycle.network.NetworkOptions;
import dev.ctr.lifecycle.network.Networks;
import dev.ctr.lifecycle.network.PortMapping;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The part of a new container's configuration that is about its network.
 *
 * @param asked what was asked for
 * @param namespaces where its namespaces come from
 * @param networks the networks it joins, by their names, with interface names
 * @param exposed the ports that may be published, with their protocols
 * @param ports the ports that are published, every host port chosen
 */
record NetworkConfiguration(
        CreateOptions asked,
        NamespacePlan namespaces,
        Map<String, NetworkOptions> networks,
        Map<Integer, Set<String>> exposed,
        List<PortMapping> ports) {
    private static final Set<String> BRIDGE_WORDS = Set.of("bridge", "default", "private");
    private static final String NO_DNS = "none";
    private static final Pattern ADDRESS =
            Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.%\\w]*");

    /**
     * Checks what was asked for, finds the networks, and chooses free host ports.
     *
     * @throws EngineException INVALID_ARGUMENT, NO_SUCH_NETWORK, or IN_USE if no host port is free
     */
    static NetworkConfiguration of(
            CreateOptions asked, NamespacePlan namespaces, Optional<Image> image, Networks networks) {
        boolean joinsNetworks = joinsNetworks(asked, namespaces);
        if (!joinsNetworks) {
            checkWithoutNetworks(asked);
        }
        check(asked);
        Map<String, NetworkOptions> joined = joinsNetworks ? joined(asked, networks) : Map.of();
        Map<Integer, Set<String>> exposed = new TreeMap<>();
        image.map(found -> found.config().exposedPorts()).orElse(List.of()).forEach(ports -> expose(ports, exposed));
        asked.exposedPorts.forEach(ports -> expose(ports, exposed));
        List<PortMapping> ports = new ArrayList<>(PortMapping.merge(asked.ports));
        if (asked.publishAllPorts && joinsNetworks) {
            exposed.forEach((port, protocols) -> protocols.forEach(protocol -> {
                if (ports.stream().noneMatch(mapping -> mapping.publishes(port, protocol))) {
                    ports.add(new PortMapping("", port, 0, 1, protocol));
                }
            }));
        }
        return new NetworkConfiguration(asked, namespaces, joined, exposed, networks.assignHostPorts(ports));
    }

    private static void checkWithoutNetworks(CreateOptions asked) {
        if (!asked.ports.isEmpty()) {
            throw invalid("ports cannot be published with --network " + asked.network);
        }
        requireBridge("--ip", asked.ip != null);
        requireBridge("--mac-address", asked.macAddress != null);
        requireBridge("--network-alias", !asked.networkAliases.isEmpty());
        if (!asked.networks.isEmpty()) {
            throw invalid("cannot set multiple networks without bridge network mode, selected mode " + asked.network
                    + ": invalid argument");
        }
    }

    private static void check(CreateOptions asked) {
        if (asked.withoutHosts && !asked.addedHosts.isEmpty()) {
            throw invalid("--no-hosts and --add-host cannot be set together");
        }
        asked.addedHosts.forEach(HostsFile::check);
        if (asked.dnsServers.contains(NO_DNS) && asked.dnsServers.size() > 1) {
            throw invalid("invalid value, only one dns server can be given with \"none\"");
        }
        for (String server : asked.dnsServers) {
            if (!server.equals(NO_DNS) && !ADDRESS.matcher(server).matches()) {
                throw invalid(server + " is not an ip address");
            }
        }
    }

    private static void requireBridge(String flag, boolean isGiven) {
        if (isGiven) {
            throw invalid(flag + " can only be set when the network mode is bridge: invalid argument");
        }
    }

    /** Whether it is on bridge networks, or others that plugins make. */
    private static boolean joinsNetworks(CreateOptions asked, NamespacePlan namespaces) {
        return namespaces.ownsNetwork() && !asked.network.equals("none");
    }

    /** libpod's word; it has none for the namespace of another container. */
    private Optional<String> mode() {
        return switch (namespaces.mode(NamespaceKind.NET).source()) {
            case CONTAINER -> Optional.empty();
            case PATH -> Optional.of("ns");
            default -> Optional.of(joinsNetworks(asked, namespaces) ? "bridge" : asked.network);
        };
    }

    private static Map<String, NetworkOptions> joined(CreateOptions asked, Networks networks) {
        Map<String, NetworkOptions> joined = new LinkedHashMap<>();
        if (!asked.networks.isEmpty()) {
            asked.networks.forEach((name, options) -> joined.put(name(name, networks), options));
        } else {
            joined.put(name(asked.network, networks), NetworkOptions.ANY);
        }
        if (asked.ip != null || asked.macAddress != null) {
            if (joined.size() > 1) {
                throw invalid((asked.ip != null ? "--ip" : "--mac-address")
                        + " can only be set for a single network: invalid argument");
            }
            joined.replaceAll((name, options) -> withAddresses(options, asked));
        }
        asked.networkAliases.forEach(alias -> joined.replaceAll((name, options) -> options.withAlias(alias)));
        return NetworkOptions.withInterfaceNames(joined);
    }

    private static NetworkOptions withAddresses(NetworkOptions options, CreateOptions asked) {
        NetworkOptions withIp = asked.ip == null ? options : options.withStaticIp(asked.ip);
        return asked.macAddress == null ? withIp : withIp.withStaticMac(asked.macAddress);
    }

    private static String name(String asked, Networks networks) {
        return BRIDGE_WORDS.contains(asked) ? Networks.DEFAULT_NETWORK : networks.find(asked);
    }

    /** Reads {@code PORT[-PORT][/PROTOCOL]}. */
    private static void expose(String text, Map<Integer, Set<String>> exposed) {
        PortMapping ports = PortMapping.parse(text);
        for (int port = ports.containerPort(); port < ports.containerPort() + ports.range(); port++) {
            exposed.computeIfAbsent(port, absent -> new LinkedHashSet<>()).add(ports.protocol());
        }
    }

    /** Writes it into a configuration. */
    void put(ObjectNode config, ContainerId id) {
        config.put("createNetNS", namespaces.ownsNetwork());
        mode().ifPresent(mode -> config.put("networkMode", mode));
        config.set("newPortMappings", Json.MAPPER.valueToTree(ports));
        if (!networks.isEmpty()) {
            ObjectNode all = config.putObject("newNetworks");
            networks.forEach((name, options) -> all.set(name, toJson(options.withAlias(id.abbreviated()))));
        }
        if (!exposed.isEmpty()) {
            config.set("exposedPorts", Json.MAPPER.valueToTree(exposed));
        }
        boolean isWithoutDns = asked.dnsServers.contains(NO_DNS);
        boolean wantsNothing = asked.network.equals("none")
                && asked.dnsServers.isEmpty()
                && asked.dnsSearches.isEmpty()
                && asked.dnsOptions.isEmpty();
        config.put("useImageResolvConf", isWithoutDns || wantsNothing);
        config.put("useImageHosts", asked.withoutHosts);
        config.set("dnsServer", Json.array(isWithoutDns ? List.of() : asked.dnsServers));
        config.set("dnsSearch", Json.array(asked.dnsSearches));
        config.set("dnsOption", Json.array(asked.dnsOptions));
        config.set("hostsAdd", Json.array(asked.addedHosts));
    }

    /** The form of libpod's {@code PerNetworkOptions}. */
    private static ObjectNode toJson(NetworkOptions options) {
        ObjectNode json = Json.object().put("interface_name", options.interfaceName());
        if (!options.staticIps().isEmpty()) {
            json.set("static_ips", Json.array(options.staticIps()));
        }
        if (!options.staticMac().isEmpty()) {
            json.put("static_mac", options.staticMac());
        }
        if (!options.aliases().isEmpty()) {
            json.set("aliases", Json.array(options.aliases()));
        }
        return json;
    }

    /** A configuration with other networks. */
    static ContainerConfig withNetworks(ContainerConfig config, Map<String, NetworkOptions> networks) {
        return config.with(json -> {
            json.remove("orderedNetworks");
            ObjectNode all = json.putObject("newNetworks");
            networks.forEach((name, options) -> all.set(name, toJson(options)));
        });
    }

    /** Gives a container that gets a new ID the alias that follows from it, in place of the one of the old. */
    static void renewAlias(ObjectNode config, ContainerId old, ContainerId now) {
        config.path("newNetworks").forEach(network -> {
            if (network.path("aliases") instanceof ArrayNode aliases) {
                for (int index = 0; index < aliases.size(); index++) {
                    if (aliases.get(index).asText().equals(old.abbreviated())) {
                        aliases.set(index, now.abbreviated());
                    }
                }
            }
        });
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }
}

package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.network.AttachmentRecord.AttachedNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Turns what a container wants of its networks into the configuration of every plugin to start, and refuses what cannot be, in
 * words that say what to do, before anything is touched.
 *
 * @param attachment what the container wants
 * @param definitions the root's networks
 * @param ledger what other containers on this host hold
 * @param standing the networks that it has joined already
 */
record AttachmentPlan(
        NetworkAttachment attachment,
        NetworkDefinitions definitions,
        HostLedger ledger,
        List<AttachedNetwork> standing) {
    private static final Pattern MAC_ADDRESS = Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}");
    private static final Pattern ALIAS = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?");
    private static final int MULTICAST_BIT = 1;

    /** Keys that alone give a plugin nothing to do unless a capability of it is used. */
    private static final Set<String> KEYS_WITHOUT_EFFECT = Set.of("type", "capabilities");

    AttachmentPlan {
        standing = List.copyOf(standing);
    }

    /** @throws EngineException INVALID_ARGUMENT, NO_SUCH_NETWORK or ALREADY_EXISTS */
    List<AttachedNetwork> networks() throws IOException {
        requirePorts();
        List<AttachedNetwork> all = new ArrayList<>(standing);
        for (Map.Entry<String, NetworkOptions> entry : attachment.networks().entrySet()) {
            all.add(network(definitions.get(entry.getKey()), entry.getValue(), all));
        }
        boolean arePublished = all.stream().anyMatch(AttachedNetwork::carriesPorts);
        if (!attachment.ports().isEmpty() && !arePublished) {
            throw refused(
                    "publish ports",
                    "no plugin of network \""
                            + String.join("\", \"", attachment.networks().keySet())
                            + "\" has the capability portMappings; add the portmap plugin to it");
        }
        return all.subList(standing.size(), all.size());
    }

    private AttachedNetwork network(NetworkDefinition definition, NetworkOptions options, List<AttachedNetwork> others)
            throws IOException {
        requireInterfaceName(options.interfaceName(), others);
        requireMac(options.staticMac());
        for (String ip : options.staticIps()) {
            requireAddress(definition, ip);
        }
        for (String alias : options.aliases()) {
            requireAlias(alias);
        }
        // A host port leads to one address only, so ports are published through one network.
        boolean carriesPorts = others.stream().noneMatch(AttachedNetwork::carriesPorts) && canCarryPorts(definition);
        List<PortMapping> ports = carriesPorts ? attachment.ports() : List.of();
        requireReachable(definition, ports);
        AttachedNetwork network = wanted(definition, options, ports);
        for (DefaultRoute route : DefaultRoute.values()) {
            if (others.stream().anyMatch(other -> other.hasDefaultRoute(route))) {
                network.plugins().forEach(route::removeFrom);
            }
        }
        return network;
    }

    private static boolean canCarryPorts(NetworkDefinition definition) {
        return definition.plugins().stream()
                .anyMatch(plugin ->
                        plugin.path("capabilities").path("portMappings").asBoolean(false));
    }

    private AttachedNetwork wanted(NetworkDefinition definition, NetworkOptions options, List<PortMapping> ports) {
        ObjectNode wishes = JsonNodeFactory.instance.objectNode();
        if (!options.staticIps().isEmpty()) {
            ArrayNode ips = wishes.putArray("ips");
            options.staticIps().forEach(ips::add);
        }
        if (!options.staticMac().isEmpty()) {
            wishes.put("mac", options.staticMac());
        }
        if (!ports.isEmpty()) {
            wishes.set("portMappings", portMappings(ports));
        }
        ArrayNode names = wishes.putObject("aliases").putArray(definition.name());
        options.aliases().forEach(names::add);
        List<ObjectNode> plugins = new ArrayList<>();
        Set<String> heard = new HashSet<>();
        for (ObjectNode plugin : definition.plugins()) {
            ObjectNode runtime = granted(wishes, plugin);
            runtime.fieldNames().forEachRemaining(heard::add);
            if (hasSomethingToDo(plugin, runtime)) {
                plugins.add(configuration(definition, plugin, runtime));
            }
        }
        return new AttachedNetwork(
                definition.name(),
                options.interfaceName(),
                arguments(options, heard),
                plugins,
                JsonNodeFactory.instance.objectNode(),
                false);
    }

    /**
     * Address and MAC reach plugins without the capability by CNI_ARGS, which knows one address only; the dnsname plugin takes
     * the container's name from it.
     */
    private String arguments(NetworkOptions options, Set<String> heard) {
        StringBuilder arguments = new StringBuilder("IgnoreUnknown=1;K8S_POD_NAME=").append(attachment.containerName());
        if (!options.staticIps().isEmpty() && !heard.contains("ips")) {
            arguments.append(";IP=").append(options.staticIps().get(0));
        }
        if (!options.staticMac().isEmpty() && !heard.contains("mac")) {
            arguments.append(";MAC=").append(options.staticMac());
        }
        return arguments.toString();
    }

    private static ObjectNode granted(ObjectNode wishes, ObjectNode plugin) {
        ObjectNode granted = JsonNodeFactory.instance.objectNode();
        wishes.properties().forEach(wish -> {
            if (plugin.path("capabilities").path(wish.getKey()).asBoolean(false)) {
                granted.set(wish.getKey(), wish.getValue());
            }
        });
        return granted;
    }

    private static boolean hasSomethingToDo(ObjectNode plugin, ObjectNode runtime) {
        if (!runtime.isEmpty()) {
            return true;
        }
        if (plugin.path("type").asText().equals("portmap")) {
            return false;
        }
        Iterator<String> keys = plugin.fieldNames();
        while (keys.hasNext()) {
            if (!KEYS_WITHOUT_EFFECT.contains(keys.next())) {
                return true;
            }
        }
        return !plugin.path("type").asText().equals("tuning");
    }

    private ObjectNode configuration(NetworkDefinition definition, ObjectNode plugin, ObjectNode runtime) {
        ObjectNode configuration = plugin.deepCopy();
        configuration.set("cniVersion", definition.configuration().path("cniVersion"));
        configuration.put("name", definition.name());
        if (!runtime.isEmpty()) {
            configuration.set("runtimeConfig", runtime);
        }
        if (Masquerade.isWantedBy(definition, plugin)) {
            configuration.put("ipMasq", false);
        }
        JsonNode ipam = configuration.path("ipam");
        if (ipam instanceof ObjectNode object
                && ipam.path("type").asText().equals("host-local")
                && !ipam.has("dataDir")) {
            object.put("dataDir", ledger.addresses().toString());
        }
        return configuration;
    }

    private static ArrayNode portMappings(List<PortMapping> ports) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (PortMapping port : ports) {
            for (int offset = 0; offset < port.range(); offset++) {
                array.addObject()
                        .put("hostPort", port.hostPort() + offset)
                        .put("containerPort", port.containerPort() + offset)
                        .put("protocol", port.protocol())
                        .put("hostIP", port.hostIp());
            }
        }
        return array;
    }

    private void requirePorts() {
        PortMapping.merge(attachment.ports());
        for (PortMapping port : attachment.ports()) {
            if (port.hostPort() == 0) {
                throw refused("publish " + port, "its host port has not been chosen");
            }
            if (attachment.networks().isEmpty()) {
                throw refused("publish " + port, "it joins no network");
            }
        }
    }

    private void requireReachable(NetworkDefinition definition, List<PortMapping> ports) {
        List<NetworkDefinition.Range> ranges = definition.ranges();
        for (PortMapping port : ports) {
            Optional<InetAddress> ip = AddressLiteral.parse(port.hostIp());
            if (ip.isPresent()
                    && !ranges.isEmpty()
                    && ranges.stream()
                            .noneMatch(range -> AddressLiteral.isVersion4(range.gateway())
                                    == AddressLiteral.isVersion4(ip.get()))) {
                throw refused(
                        "publish " + port,
                        "network \"" + definition.name()
                                + "\" has no subnet of that address's IP version; publish on another host address");
            }
        }
    }

    private void requireInterfaceName(String name, List<AttachedNetwork> others) {
        if (!InterfaceNames.isValid(name) || name.equals("lo")) {
            throw refused("name an interface \"" + name + "\"", "use 1 to 15 characters, such as eth0");
        }
        if (others.stream().anyMatch(other -> other.interfaceName().equals(name))) {
            throw refused("name two interfaces \"" + name + "\"", "give each network its own interface name");
        }
    }

    private void requireAlias(String alias) {
        if (!ALIAS.matcher(alias).matches()) {
            throw refused("be called \"" + alias + "\"", "use letters, digits, '_', '.' and '-' for an alias");
        }
    }

    private void requireMac(String mac) {
        if (mac.isEmpty()) {
            return;
        }
        if (!MAC_ADDRESS.matcher(mac).matches()) {
            throw refused(
                    "have the MAC address \"" + mac + "\"",
                    "write six pairs of hexadecimal digits, such as 02:11:22:33:44:55, or restore with"
                            + " --ignore-static-mac");
        }
        if ((Integer.parseInt(mac.substring(0, 2), 16) & MULTICAST_BIT) != 0) {
            throw refused(
                    "have the MAC address " + mac,
                    "it is a multicast address; make its first byte even, or restore with --ignore-static-mac");
        }
    }

    private void requireAddress(NetworkDefinition definition, String text) throws IOException {
        String wish = "have the address " + text + " on network \"" + definition.name() + "\"";
        InetAddress address = AddressLiteral.parse(text).orElseThrow(() -> refused(wish, "it is not an IP address"));
        List<NetworkDefinition.Range> ranges = definition.ranges();
        if (ranges.isEmpty()) {
            return;
        }
        List<NetworkDefinition.Range> matching = ranges.stream()
                .filter(range -> range.subnet().canBelongToHost(address))
                .toList();
        if (matching.isEmpty()) {
            throw refused(
                    wish,
                    "its subnet is " + ranges.get(0).subnet()
                            + "; choose an address in it, or restore with --ignore-static-ip");
        }
        if (matching.stream().anyMatch(range -> range.gateway().equals(address))) {
            throw refused(wish, "it is the gateway's; choose another, or restore with --ignore-static-ip");
        }
        Optional<String> holder = ledger.holder(definition.name(), address);
        if (holder.isPresent()) {
            throw addressTaken(attachment, definition.name(), text, "container " + shortId(holder.get()) + " has it");
        }
    }

    /** The refusal of an address that somebody else has. */
    static EngineException addressTaken(NetworkAttachment attachment, String network, String address, String reason) {
        return new EngineException(
                EngineException.Code.ALREADY_EXISTS,
                "container " + attachment.containerName() + " cannot have the address " + address + " on network \""
                        + network + "\": " + reason
                        + "; stop that container, or take any free address (restore with --ignore-static-ip)");
    }

    static String shortId(String cniContainerId) {
        return cniContainerId.substring(0, Math.min(12, cniContainerId.length()));
    }

    private EngineException refused(String wish, String reason) {
        return new EngineException(
                EngineException.Code.INVALID_ARGUMENT,
                "container " + attachment.containerName() + " cannot " + wish + ": " + reason);
    }
}

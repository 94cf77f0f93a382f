package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.linux.NetworkLinks;
import dev.ctr.lifecycle.network.AttachmentRecord.AttachedNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a container's interface is while the container is held: up, with its address, but on a bridge that nothing else is on, so
 * that nobody is answered from an address whose connections still live on another host. It joins its network's bridge by {@link
 * BridgePorts#joinCommands}. On a network whose bridge is not there yet it has nobody to disturb, and joins at once.
 */
final class Parking {
    /** The key, in the configuration of the bridge plugin, of the bridge that is to be joined; plugins pass over it. */
    private static final String JOINS = "ctrJoins";

    /** The key that says that the bridge to be joined has the gateway's address. */
    private static final String GATEWAY = "ctrGateway";

    private static final String BRIDGE = "bridge";
    private static final String PREFIX = "ctrh";
    private static final int DIGITS = 10;
    private static final Path INTERFACES = Path.of("/proc/thread-self/net/dev");

    private Parking() {}

    /** The networks, with a bridge of its own instead of each that others may be on. */
    static List<AttachedNetwork> park(List<AttachedNetwork> networks, String containerId) throws IOException {
        List<String> existing = interfaces();
        List<AttachedNetwork> parked = new ArrayList<>();
        for (AttachedNetwork network : networks) {
            boolean others = existing.contains(bridge(network));
            parked.add(others && !isBoundToItsBridge(network) ? parked(network, containerId) : network);
        }
        return parked;
    }

    /** Whether a plugin does something to the bridge that would have to be done anew on the one that is joined. */
    private static boolean isBoundToItsBridge(AttachedNetwork network) {
        return network.plugins().get(0).has("vlan")
                || network.plugins().stream()
                        .anyMatch(plugin -> plugin.path("type").asText().equals("dnsname"));
    }

    private static List<String> interfaces() throws IOException {
        return Files.readAllLines(INTERFACES).stream()
                .filter(line -> line.contains(":"))
                .map(line -> line.substring(0, line.indexOf(':')).strip())
                .toList();
    }

    private static AttachedNetwork parked(AttachedNetwork network, String containerId) {
        List<ObjectNode> plugins = new ArrayList<>(network.plugins());
        ObjectNode bridge = plugins.get(0).deepCopy();
        bridge.put(JOINS, bridge(network));
        bridge.put(
                BRIDGE,
                PREFIX + NetworkDefinition.sha256(containerId + network.name()).substring(0, DIGITS));
        // The gateway is the joined bridge's; on this one there would be a second of it.
        bridge.put(GATEWAY, !NetworkDefinition.isWithoutGateway(bridge));
        bridge.put("isGateway", false);
        if (bridge.path("isDefaultGateway").asBoolean()) {
            bridge.put("isDefaultGateway", false);
            ObjectNode ipam = bridge.path("ipam") instanceof ObjectNode object ? object : bridge.putObject("ipam");
            ArrayNode routes = ipam.path("routes") instanceof ArrayNode array ? array : ipam.putArray("routes");
            routes.addObject().put("dst", "0.0.0.0/0");
        }
        plugins.set(0, bridge);
        return new AttachedNetwork(
                network.name(),
                network.interfaceName(),
                network.arguments(),
                plugins,
                JsonNodeFactory.instance.objectNode(),
                false);
    }

    /** Deletes bridges that containers were held on, where that was not done when they joined their networks. */
    static void clear(List<AttachedNetwork> networks) throws IOException {
        for (AttachedNetwork network : networks) {
            if (!joins(network).isEmpty()) {
                NetworkLinks.delete(bridge(network));
            }
        }
    }

    /** The bridge that the plugin attaches to; empty where it is no bridge's. */
    static String bridge(AttachedNetwork network) {
        ObjectNode first = network.plugins().isEmpty()
                ? JsonNodeFactory.instance.objectNode()
                : network.plugins().get(0);
        return first.path("type").asText().equals(BRIDGE)
                ? first.path(BRIDGE).asText(NetworkDefinition.DEFAULT_BRIDGE)
                : "";
    }

    /** Whether the bridge that is to be joined, or has been, has the gateway's address, although the one attached to has not. */
    static boolean joinsGateway(JsonNode plugin) {
        return plugin.path(GATEWAY).asBoolean(false);
    }

    /** The bridge that is to be joined, or has been; empty where the plugin has seen to that. */
    static String joins(AttachedNetwork network) {
        return network.plugins().isEmpty()
                ? ""
                : network.plugins().get(0).path(JOINS).asText();
    }
}

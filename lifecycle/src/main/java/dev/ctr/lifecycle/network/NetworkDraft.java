package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.EngineException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The CNI configuration of a network that is to be created, in the form in which podman 4 writes it, so that either program can
 * use the other's file.
 *
 * @param asked what was asked for
 * @param name the network's name, asked for or chosen
 * @param bridge its bridge's name, asked for or chosen
 * @param ranges its subnets, asked for or chosen; empty if its addresses come from elsewhere
 */
record NetworkDraft(NetworkCreateOptions asked, String name, String bridge, List<NetworkDefinition.Range> ranges) {
    private static final Set<String> DRIVERS = Set.of("bridge", "macvlan", "ipvlan");
    private static final Set<String> IPAM_DRIVERS = Set.of("", "host-local", "dhcp", "none");
    private static final Map<String, Set<String>> OPTIONS = Map.of(
            "bridge", Set.of("mtu", "vlan"),
            "macvlan", Set.of("mtu", "mode", "parent"),
            "ipvlan", Set.of("mtu", "mode", "parent"));
    private static final Map<String, Set<String>> MODES = Map.of(
            "macvlan", Set.of("bridge", "private", "vepa", "passthru"),
            "ipvlan", Set.of("l2", "l3", "l3s"));
    private static final int LAST_VLAN = 4094;
    private static final int SMALLEST_MTU = 68;
    private static final int LARGEST_MTU = 65535;

    /** @throws EngineException INVALID_ARGUMENT, in podman's words where it has some, before anything is touched */
    static void check(NetworkCreateOptions asked) {
        if (!DRIVERS.contains(asked.driver)) {
            throw invalid("unsupported driver " + asked.driver + ": invalid argument");
        }
        if (!IPAM_DRIVERS.contains(asked.ipamDriver)) {
            throw invalid("unsupported ipam driver \"" + asked.ipamDriver + "\": use host-local, dhcp or none");
        }
        boolean isBridge = asked.driver.equals("bridge");
        if (asked.ipamDriver.equals("dhcp") && isBridge) {
            throw invalid("unsupported ipam driver \"dhcp\" for the bridge driver: it is for macvlan and ipvlan");
        }
        if (!isBridge && !asked.hostInterface.isEmpty()) {
            throw invalid("only bridge networks have an interface name: give the parent interface by -o parent=NAME");
        }
        asked.driverOptions.forEach((key, value) -> checkOption(asked.driver, key, value));
    }

    private static void checkOption(String driver, String key, String value) {
        if (!OPTIONS.getOrDefault(driver, Set.of()).contains(key)) {
            throw invalid("unsupported network option " + key);
        }
        switch (key) {
            case "mtu" -> requireNumber(key, value, SMALLEST_MTU, LARGEST_MTU);
            case "vlan" -> requireNumber(key, value, 0, LAST_VLAN);
            case "mode" -> {
                if (!MODES.getOrDefault(driver, Set.of()).contains(value)) {
                    throw invalid("unknown " + driver + " mode \"" + value + "\"");
                }
            }
            default -> InterfaceNames.require(value);
        }
    }

    private static void requireNumber(String key, String value, int least, int most) {
        boolean isNumber = value.matches("\\d{1,6}");
        if (!isNumber || Integer.parseInt(value) < least || Integer.parseInt(value) > most) {
            throw invalid("the " + key + " \"" + value + "\" is not a number from " + least + " to " + most);
        }
    }

    ObjectNode configuration() {
        ObjectNode list = JsonNodeFactory.instance.objectNode();
        list.put("cniVersion", NetworkDefinition.CNI_VERSION).put("name", name);
        ArrayNode plugins = list.putArray("plugins");
        plugins.add(asked.driver.equals("bridge") ? bridgePlugin() : vlanPlugin());
        if (asked.driver.equals("bridge")) {
            NetworkDefinition.addRulePlugins(plugins);
        }
        ObjectNode arguments = list.putObject("args");
        put(arguments, NetworkDefinition.LABELS, asked.labels);
        put(arguments, NetworkDefinition.OPTIONS, asked.driverOptions);
        arguments.put(NetworkDefinition.RESOLVES_NAMES, asked.resolvesNames);
        return list;
    }

    private static void put(ObjectNode object, String key, Map<String, String> values) {
        if (!values.isEmpty()) {
            ObjectNode map = object.putObject(key);
            values.forEach(map::put);
        }
    }

    private ObjectNode bridgePlugin() {
        ObjectNode plugin = JsonNodeFactory.instance.objectNode();
        plugin.put("type", "bridge").put("bridge", bridge).put("isGateway", !asked.internal);
        if (!asked.internal) {
            plugin.put("ipMasq", true);
        }
        plugin.put("hairpinMode", true);
        putNumber(plugin, "mtu");
        putNumber(plugin, "vlan");
        plugin.set("ipam", ipam());
        plugin.putObject("capabilities").put("ips", true).put("mac", true);
        return plugin;
    }

    private ObjectNode vlanPlugin() {
        ObjectNode plugin = JsonNodeFactory.instance.objectNode();
        plugin.put("type", asked.driver);
        String parent = asked.driverOptions.getOrDefault("parent", "");
        if (!parent.isEmpty()) {
            plugin.put("master", parent);
        }
        String mode = asked.driverOptions.getOrDefault("mode", "");
        if (!mode.isEmpty()) {
            plugin.put("mode", mode);
        }
        putNumber(plugin, "mtu");
        plugin.set("ipam", ipam());
        plugin.putObject("capabilities").put("ips", true).put("mac", asked.driver.equals("macvlan"));
        return plugin;
    }

    private void putNumber(ObjectNode plugin, String key) {
        String value = asked.driverOptions.get(key);
        if (value != null) {
            plugin.put(key, Integer.parseInt(value));
        }
    }

    private ObjectNode ipam() {
        ObjectNode ipam = JsonNodeFactory.instance.objectNode();
        if (ranges.isEmpty()) {
            boolean isNone = asked.ipamDriver.equals("none");
            return isNone ? ipam : ipam.put("type", "dhcp");
        }
        ipam.put("type", "host-local");
        if (!asked.internal) {
            ArrayNode routes = ipam.putArray("routes");
            ranges.stream()
                    .map(range -> AddressLiteral.isVersion4(range.gateway()) ? "0.0.0.0/0" : "::/0")
                    .distinct()
                    .forEach(destination -> routes.addObject().put("dst", destination));
        }
        ArrayNode sets = ipam.putArray("ranges");
        ranges.forEach(range -> sets.addArray().add(range.toJson(!asked.internal)));
        return ipam;
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_ARGUMENT, message);
    }
}

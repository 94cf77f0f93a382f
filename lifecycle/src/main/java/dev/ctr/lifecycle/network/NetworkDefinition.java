package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.EngineException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A CNI network: the content of a {@code .conflist} file, which people may edit. Labels and options are kept where podman keeps
 * them, in {@code args}, which plugins do not read.
 *
 * @param name the network's name
 * @param created when the file was last written
 * @param configuration the CNI network configuration list
 */
record NetworkDefinition(String name, Instant created, ObjectNode configuration) {
    /** The newest version of the specification that the plugins of every supported distribution know. */
    static final String CNI_VERSION = "0.4.0";

    static final String LABELS = "podman_labels";
    static final String OPTIONS = "podman_options";
    static final String RESOLVES_NAMES = "ctr_names";

    private static final String ARGUMENTS = "args";

    /** The bridge plugin's, where a configuration names none. */
    static final String DEFAULT_BRIDGE = "cni0";

    /**
     * One subnet of a network.
     *
     * @param subnet the subnet
     * @param gateway the gateway in it
     * @param firstLease the lowest address to give to a container; empty for no limit
     * @param lastLease the highest address to give to a container; empty for no limit
     */
    record Range(Subnet subnet, InetAddress gateway, String firstLease, String lastLease) {
        Range(Subnet subnet, InetAddress gateway) {
            this(subnet, gateway, "", "");
        }

        ObjectNode toJson(boolean withGateway) {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("subnet", subnet.toString());
            if (!firstLease.isEmpty()) {
                json.put("rangeStart", firstLease).put("rangeEnd", lastLease);
            }
            return withGateway ? json.put("gateway", gateway.getHostAddress()) : json;
        }
    }

    /** The default network: a bridge with one subnet, in which containers reach each other, the host, and what it reaches. */
    static ObjectNode bridge(String name, String bridge, Range range) {
        ObjectNode list = JsonNodeFactory.instance.objectNode();
        list.put("cniVersion", CNI_VERSION).put("name", name);
        ArrayNode plugins = list.putArray("plugins");
        ObjectNode first = plugins.addObject();
        first.put("type", "bridge").put("bridge", bridge).put("isGateway", true);
        first.put("ipMasq", true).put("hairpinMode", true);
        ObjectNode ipam = first.putObject("ipam").put("type", "host-local");
        ipam.putArray("routes").addObject().put("dst", "0.0.0.0/0");
        ipam.putArray("ranges").addArray().add(range.toJson(true));
        first.putObject("capabilities").put("ips", true).put("mac", true);
        addRulePlugins(plugins);
        return list;
    }

    /** The plugins by which ports are published and a host's packet filter lets the network's packets through. */
    static void addRulePlugins(ArrayNode plugins) {
        plugins.addObject().put("type", "portmap").putObject("capabilities").put("portMappings", true);
        plugins.addObject().put("type", "firewall").put("backend", "");
    }

    List<ObjectNode> plugins() {
        List<ObjectNode> plugins = new ArrayList<>();
        for (JsonNode plugin : configuration.path("plugins")) {
            if (plugin instanceof ObjectNode object) {
                plugins.add(object);
            }
        }
        return plugins;
    }

    /** The subnets that host-local gives addresses from, with their gateways. */
    List<Range> ranges() {
        List<Range> ranges = new ArrayList<>();
        for (ObjectNode plugin : plugins()) {
            JsonNode ipam = plugin.path("ipam");
            addRange(ranges, ipam);
            for (JsonNode set : ipam.path("ranges")) {
                for (JsonNode range : set) {
                    addRange(ranges, range);
                }
            }
        }
        return ranges;
    }

    private static void addRange(List<Range> ranges, JsonNode json) {
        String text = json.path("subnet").asText("");
        if (!text.isEmpty()) {
            Subnet subnet = Subnet.parse(text);
            Optional<InetAddress> gateway =
                    AddressLiteral.parse(json.path("gateway").asText(""));
            ranges.add(new Range(
                    subnet,
                    gateway.orElseGet(subnet::firstHost),
                    json.path("rangeStart").asText(""),
                    json.path("rangeEnd").asText("")));
        }
    }

    /** Whether containers on it find each other by name. */
    boolean resolvesNames() {
        return !name.equals(NetworkDefinitions.DEFAULT_NETWORK)
                && configuration.path(ARGUMENTS).path(RESOLVES_NAMES).asBoolean(true);
    }

    /** Whether {@code network create} wrote it, and nobody else has a part in its bridge. */
    boolean isMadeByCtr() {
        return configuration.path(ARGUMENTS).has(RESOLVES_NAMES);
    }

    /** The name of its bridge on the host, if it has one. */
    Optional<String> bridge() {
        return plugins().stream()
                .limit(1)
                .filter(plugin -> plugin.path("type").asText().equals("bridge"))
                .map(plugin -> plugin.path("bridge").asText(DEFAULT_BRIDGE))
                .findFirst();
    }

    /** The bridge or the parent interface on the host; empty if the first plugin has neither. */
    String hostInterface() {
        JsonNode first = configuration.path("plugins").path(0);
        return first.path("bridge").asText(first.path("master").asText(""));
    }

    /** Whether a plugin's configuration is that of an internal network's bridge, which has no address of its own. */
    static boolean isWithoutGateway(JsonNode plugin) {
        return plugin.path("type").asText().equals("bridge")
                && !plugin.path("isGateway").asBoolean(false)
                && !plugin.path("isDefaultGateway").asBoolean(false)
                && !Parking.joinsGateway(plugin);
    }

    private boolean isInternal() {
        JsonNode first = configuration.path("plugins").path(0);
        return first.path("type").asText().equals("bridge")
                ? isWithoutGateway(first)
                : !ranges().isEmpty() && first.path("ipam").path("routes").isEmpty();
    }

    /** The network as {@code network inspect} shows it, with podman's keys. */
    ObjectNode inspect() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        JsonNode first = configuration.path("plugins").path(0);
        json.put("name", name);
        json.put("id", id());
        json.put("driver", first.path("type").asText());
        json.put("network_interface", hostInterface());
        json.put("created", created.toString());
        List<Range> ranges = ranges();
        if (!ranges.isEmpty()) {
            ArrayNode subnets = json.putArray("subnets");
            ranges.forEach(range -> subnets.add(describe(range)));
        }
        json.put("ipv6_enabled", ranges.stream().anyMatch(range -> !AddressLiteral.isVersion4(range.gateway())));
        json.put("internal", isInternal());
        json.put("dns_enabled", resolvesNames());
        JsonNode arguments = configuration.path(ARGUMENTS);
        if (!arguments.path(LABELS).isEmpty()) {
            json.set("labels", arguments.path(LABELS));
        }
        if (!arguments.path(OPTIONS).isEmpty()) {
            json.set("options", arguments.path(OPTIONS));
        }
        json.putObject("ipam_options")
                .put("driver", first.path("ipam").path("type").asText("none"));
        return json;
    }

    private ObjectNode describe(Range range) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("subnet", range.subnet().toString());
        if (!isInternal()) {
            json.put("gateway", range.gateway().getHostAddress());
        }
        if (!range.firstLease().isEmpty() || !range.lastLease().isEmpty()) {
            json.putObject("lease_range").put("start_ip", range.firstLease()).put("end_ip", range.lastLease());
        }
        return json;
    }

    /** podman's ID for a network that a CNI file defines: the SHA-256 of its name. */
    String id() {
        return sha256(name);
    }

    static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** @throws EngineException INVALID_ARGUMENT if this is not a list of plugins for the network {@code name} */
    NetworkDefinition requireUsable(String origin) {
        if (!configuration.path("name").asText("").equals(name)) {
            throw unusable(origin, "its \"name\" is not \"" + name + "\", as the file's name says");
        }
        if (plugins().isEmpty()
                || plugins().stream().anyMatch(plugin -> !plugin.path("type").isTextual())) {
            throw unusable(origin, "\"plugins\" is not a list of objects with a \"type\"");
        }
        return this;
    }

    private static EngineException unusable(String origin, String reason) {
        return new EngineException(
                EngineException.Code.INVALID_ARGUMENT,
                origin + " is not a CNI network configuration list: " + reason + "; correct the file");
    }
}

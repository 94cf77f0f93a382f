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
 * A CNI network: the content of a {@code .conflist} file, which people may edit.
 *
 * @param name the network's name
 * @param created when the file was last written
 * @param configuration the CNI network configuration list
 */
record NetworkDefinition(String name, Instant created, ObjectNode configuration) {
    /** The newest version of the specification that the plugins of every supported distribution know. */
    private static final String CNI_VERSION = "0.4.0";

    /** One subnet of a network and the gateway in it. */
    record Range(Subnet subnet, InetAddress gateway) {}

    /** A bridge network with one subnet, in which containers reach each other, the host, and what the host reaches. */
    static ObjectNode bridge(String name, String bridge, Range range) {
        ObjectNode list = JsonNodeFactory.instance.objectNode();
        list.put("cniVersion", CNI_VERSION).put("name", name);
        ArrayNode plugins = list.putArray("plugins");
        ObjectNode first = plugins.addObject();
        first.put("type", "bridge").put("bridge", bridge).put("isGateway", true);
        first.put("ipMasq", true).put("hairpinMode", true);
        ObjectNode ipam = first.putObject("ipam").put("type", "host-local");
        ipam.putArray("routes").addObject().put("dst", "0.0.0.0/0");
        ipam.putArray("ranges")
                .addArray()
                .addObject()
                .put("subnet", range.subnet().toString())
                .put("gateway", range.gateway().getHostAddress());
        first.putObject("capabilities").put("ips", true).put("mac", true);
        plugins.addObject().put("type", "portmap").putObject("capabilities").put("portMappings", true);
        plugins.addObject().put("type", "firewall").put("backend", "");
        return list;
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
            ranges.add(new Range(subnet, gateway.orElseGet(subnet::firstHost)));
        }
    }

    /** The network as {@code network inspect} shows it, with podman's keys. */
    ObjectNode inspect() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        JsonNode first = configuration.path("plugins").path(0);
        json.put("name", name);
        json.put("id", id());
        json.put("driver", first.path("type").asText());
        json.put(
                "network_interface",
                first.path("bridge").asText(first.path("master").asText("")));
        json.put("created", created.toString());
        ArrayNode subnets = json.putArray("subnets");
        boolean hasVersion6 = false;
        for (Range range : ranges()) {
            subnets.addObject()
                    .put("subnet", range.subnet().toString())
                    .put("gateway", range.gateway().getHostAddress());
            hasVersion6 |= !AddressLiteral.isVersion4(range.gateway());
        }
        json.put("ipv6_enabled", hasVersion6);
        json.put("internal", !first.path("isGateway").asBoolean(false));
        json.put("dns_enabled", false);
        json.putObject("ipam_options")
                .put("driver", first.path("ipam").path("type").asText("none"));
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

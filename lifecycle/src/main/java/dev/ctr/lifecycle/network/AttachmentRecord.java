package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What has to be undone to detach a container, as kept in {@code attachment.json} of its state directory. It is written before
 * the first plugin starts and after each that has ended, so that whoever reads it later knows of everything that may have been
 * made, even if the writer was killed.
 *
 * @param bootId the boot of the host that it belongs to; after another, nothing of it is left
 * @param containerId the container's identity towards the plugins
 * @param namespace the container's network namespace
 * @param ledger the directory of the {@link HostLedger} that holds its leases and ports
 * @param networks what it joined, in order
 * @param renewing whether its packet filter rules are being made anew
 */
record AttachmentRecord(
        String bootId,
        String containerId,
        Path namespace,
        Path ledger,
        List<AttachedNetwork> networks,
        boolean renewing) {
    private static final String FILE_NAME = "attachment.json";

    /**
     * One network of a container.
     *
     * @param name the network
     * @param interfaceName the interface inside the container
     * @param arguments CNI_ARGS
     * @param plugins the complete configuration of each plugin started for it, as it was given
     * @param result what the last plugin that has ended reported; empty if none has
     * @param complete whether every plugin has ended well and none has begun to undo its work
     */
    record AttachedNetwork(
            String name,
            String interfaceName,
            String arguments,
            List<ObjectNode> plugins,
            ObjectNode result,
            boolean complete) {
        AttachedNetwork withResult(ObjectNode newResult, boolean nowComplete) {
            return new AttachedNetwork(name, interfaceName, arguments, plugins, newResult, nowComplete);
        }

        /** Whether host ports lead to the container through this network. */
        boolean carriesPorts() {
            return plugins.stream()
                    .anyMatch(plugin -> plugin.path("runtimeConfig").has("portMappings"));
        }

        /** Whether one of its routes is the way to everywhere else, by IPv4 or IPv6. */
        boolean hasDefaultRoute(DefaultRoute route) {
            return plugins.stream().anyMatch(route::isIn);
        }

        NetworkStatus status() {
            NetworkStatus status = NetworkStatus.fromCniResult(result);
            boolean isInternal = plugins.stream().limit(1).anyMatch(NetworkDefinition::isWithoutGateway);
            return isInternal ? status.withoutGateways() : status;
        }
    }

    AttachmentRecord {
        networks = List.copyOf(networks);
    }

    private AttachmentRecord withNetworks(List<AttachedNetwork> others) {
        return new AttachmentRecord(bootId, containerId, namespace, ledger, others, renewing);
    }

    AttachmentRecord renewing(boolean now) {
        return new AttachmentRecord(bootId, containerId, namespace, ledger, networks, now);
    }

    AttachmentRecord with(AttachedNetwork changed) {
        return withNetworks(networks.stream()
                .map(network -> network.name().equals(changed.name()) ? changed : network)
                .toList());
    }

    Optional<AttachedNetwork> network(String name) {
        return networks.stream().filter(network -> network.name().equals(name)).findFirst();
    }

    AttachmentRecord plus(AttachedNetwork added) {
        List<AttachedNetwork> more = new ArrayList<>(networks);
        more.add(added);
        return withNetworks(more);
    }

    AttachmentRecord without(String name) {
        return withNetworks(networks.stream()
                .filter(network -> !network.name().equals(name))
                .toList());
    }

    /** What the container got from each network that it has joined entirely. */
    Map<String, NetworkStatus> statuses() {
        Map<String, NetworkStatus> statuses = new LinkedHashMap<>();
        for (AttachedNetwork network : networks) {
            if (network.complete()) {
                statuses.put(network.name(), network.status());
            }
        }
        return Collections.unmodifiableMap(statuses);
    }

    /** Whether one of the interfaces on a network has this MAC address. */
    boolean hasMac(String network, String mac) {
        return network(network).stream()
                .flatMap(joined -> joined.status().interfaces().values().stream())
                .anyMatch(status -> status.macAddress().equalsIgnoreCase(mac));
    }

    /** The record while plugins are undoing the attachment. */
    AttachmentRecord incomplete() {
        return withNetworks(networks.stream()
                .map(network -> network.withResult(network.result(), false))
                .toList());
    }

    /** Whether no plugin can be at work for the container. */
    boolean isComplete() {
        return !renewing && networks.stream().allMatch(AttachedNetwork::complete);
    }

    static boolean existsIn(Path stateDirectory) {
        return Files.exists(stateDirectory.resolve(FILE_NAME));
    }

    static Optional<AttachmentRecord> read(Path stateDirectory) throws IOException {
        if (!existsIn(stateDirectory)) {
            return Optional.empty();
        }
        ObjectNode json = Json.readObject(stateDirectory.resolve(FILE_NAME));
        List<AttachedNetwork> networks = new ArrayList<>();
        json.path("networks").forEach(network -> networks.add(attachedNetwork(network)));
        return Optional.of(new AttachmentRecord(
                json.path("boot_id").asText(),
                json.path("container_id").asText(),
                Path.of(json.path("namespace").asText()),
                Path.of(json.path("ledger").asText()),
                networks,
                json.path("renewing").asBoolean()));
    }

    void write(Path stateDirectory) throws IOException {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("boot_id", bootId);
        json.put("container_id", containerId);
        json.put("namespace", namespace.toString());
        json.put("ledger", ledger.toString());
        json.put("renewing", renewing);
        ArrayNode array = json.putArray("networks");
        for (AttachedNetwork network : networks) {
            ObjectNode one = array.addObject();
            one.put("name", network.name());
            one.put("interface_name", network.interfaceName());
            one.put("arguments", network.arguments());
            one.putArray("plugins").addAll(network.plugins());
            one.set("result", network.result());
            one.put("complete", network.complete());
        }
        JsonFiles.write(stateDirectory.resolve(FILE_NAME), json);
    }

    static void delete(Path stateDirectory) throws IOException {
        Files.deleteIfExists(stateDirectory.resolve(FILE_NAME));
    }

    private static AttachedNetwork attachedNetwork(JsonNode json) {
        List<ObjectNode> plugins = new ArrayList<>();
        json.path("plugins").forEach(plugin -> plugins.add(object(plugin)));
        return new AttachedNetwork(
                json.path("name").asText(),
                json.path("interface_name").asText(),
                json.path("arguments").asText(),
                plugins,
                object(json.path("result")),
                json.path("complete").asBoolean());
    }

    private static ObjectNode object(JsonNode node) {
        return node instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
    }
}

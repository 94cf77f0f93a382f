package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.network.NetworkOptions;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code podman pod inspect} says of a pod, under the same keys (libpod/define/pod_inspect.go). */
final class PodInspection {
    private final EngineContext engine;
    private final PodConfig pod;

    PodInspection(EngineContext engine, PodConfig pod) {
        this.engine = engine;
        this.pod = pod;
    }

    ObjectNode toJson() throws IOException {
        Map<ContainerConfig, ContainerStatus> members = new PodMembers(engine, pod.id()).statuses();
        ObjectNode json = Json.object();
        json.put("Id", pod.id().hex());
        json.put("Name", pod.name());
        json.put("Created", pod.createdAt().toString());
        if (!pod.createCommand().isEmpty()) {
            json.set("CreateCommand", Json.array(pod.createCommand()));
        }
        json.put("ExitPolicy", pod.exitPolicy());
        json.put("State", PodStatus.of(members.values()).word());
        json.put("Hostname", pod.hostname());
        if (!pod.labels().isEmpty()) {
            json.set("Labels", Json.MAPPER.valueToTree(pod.labels()));
        }
        json.put("CreateCgroup", pod.cgroup().isPresent());
        json.put("CgroupParent", pod.cgroupParent());
        pod.cgroup().ifPresent(cgroup -> json.put("CgroupPath", cgroup));
        json.put("CreateInfra", pod.hasInfra());
        addInfra(json, members);
        if (!pod.shared().isEmpty()) {
            json.set(
                    "SharedNamespaces",
                    Json.array(pod.shared().stream().map(NamespaceKind::word).toList()));
        }
        json.put("NumContainers", members.size());
        if (!members.isEmpty()) {
            ArrayNode containers = json.putArray("Containers");
            members.forEach((config, status) -> containers
                    .addObject()
                    .put("Id", config.id().hex())
                    .put("Name", config.name())
                    .put("State", status.word()));
        }
        return json;
    }

    private void addInfra(ObjectNode json, Map<ContainerConfig, ContainerStatus> members) throws IOException {
        Optional<ContainerConfig> infra =
                members.keySet().stream().filter(ContainerConfig::isInfra).findFirst();
        if (infra.isPresent()) {
            json.put("InfraContainerID", infra.get().id().hex());
            json.set("InfraConfig", infra(infra.get()));
        }
    }

    private ObjectNode infra(ContainerConfig config) throws IOException {
        Optional<NetworkOptions> join = config.networks().values().stream().findFirst();
        ObjectNode json = Json.object();
        json.set("PortBindings", NetworkInspection.of(engine, config).bindings());
        json.put("HostNetwork", config.networkMode().equals("host"));
        json.put(
                "StaticIP",
                join.flatMap(network -> network.staticIps().stream().findFirst())
                        .orElse(""));
        json.put("StaticMAC", join.map(NetworkOptions::staticMac).orElse(""));
        json.put("NoManageResolvConf", false);
        json.set("DNSServer", listOrNull(config.dnsServers()));
        json.set("DNSSearch", listOrNull(config.dnsSearches()));
        json.set("DNSOption", listOrNull(config.dnsOptions()));
        json.put("NoManageHosts", false);
        json.set("HostAdd", listOrNull(config.addedHosts()));
        json.set("Networks", listOrNull(List.copyOf(config.networks().keySet())));
        json.putNull("NetworkOptions");
        json.put("pid_ns", NamespaceMode.word(config, NamespaceKind.PID));
        json.put("userns", NamespaceMode.word(config, NamespaceKind.USER));
        json.put("uts_ns", NamespaceMode.word(config, NamespaceKind.UTS));
        return json;
    }

    /** Go writes a list without elements that was never made as null. */
    private static JsonNode listOrNull(List<String> list) {
        return list.isEmpty() ? Json.MAPPER.nullNode() : Json.array(list);
    }
}

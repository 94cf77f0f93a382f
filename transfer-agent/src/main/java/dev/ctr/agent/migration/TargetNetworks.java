package dev.ctr.agent.migration;

import dev.ctr.lifecycle.Engine;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.network.NetworkAttachment;
import dev.ctr.lifecycle.network.NetworkOptions;
import dev.ctr.lifecycle.network.PortMapping;
import dev.ctr.proto.migration.Description;
import dev.ctr.proto.migration.Network;
import dev.ctr.proto.migration.Wishes;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether a container that runs elsewhere could have its networks, addresses and ports here. Touches nothing. */
final class TargetNetworks {
    private static final String INTERFACE = "eth";

    private final Engine engine;
    private final Description container;
    private final Wishes wishes;
    private final Findings findings;

    TargetNetworks(Engine engine, Description container, Wishes wishes, Findings findings) {
        this.engine = engine;
        this.container = container;
        this.wishes = wishes;
        this.findings = findings;
    }

    void look() {
        Map<String, NetworkOptions> joined = new LinkedHashMap<>();
        for (Network network : container.getNetworksList()) {
            if (exists(network.getName())) {
                addresses(network);
                joined.put(
                        network.getName(), NetworkOptions.ANY.withInterfaceName(INTERFACE + joined.size()));
            }
        }
        if (joined.size() == container.getNetworksCount()) {
            ports(joined);
        }
    }

    private boolean exists(String network) {
        try {
            engine.networks().find(network);
            findings.ok("network", "the target has a network " + network);
            return true;
        } catch (EngineException e) {
            findings.refused(
                    "network", "the target has no network " + network, "create it there with ctr network create");
            return false;
        }
    }

    /** A container that gets a new name gets new addresses. */
    private void addresses(Network network) {
        if (!wishes.getName().isEmpty()) {
            return;
        }
        NetworkOptions any = NetworkOptions.ANY.withInterfaceName(INTERFACE + 0);
        NetworkOptions same = any;
        for (String address : network.getAddressesList()) {
            same = same.withStaticIp(address);
        }
        List<String> refusals = Stream.of(same, any.withStaticMac(network.getMac()))
                .flatMap(options -> refusal(Map.of(network.getName(), options), List.of()).stream())
                .distinct()
                .toList();
        refusals.forEach(refusal -> findings.refused(
                "address",
                "on the target, " + refusal,
                "free the address there, or let the container have new ones with --name"));
        if (refusals.isEmpty()) {
            findings.ok(
                    "address",
                    "nobody on the target has its address " + String.join(", ", network.getAddressesList())
                            + " on the network " + network.getName());
        }
    }

    private void ports(Map<String, NetworkOptions> joined) {
        Optional<String> refusal;
        try {
            List<PortMapping> wanted = PortMapping.merge(wanted());
            if (wanted.isEmpty() || joined.isEmpty()) {
                return;
            }
            refusal = refusal(joined, wanted);
        } catch (EngineException e) {
            refusal = Optional.of(String.valueOf(e.getMessage()));
        }
        if (refusal.isPresent()) {
            findings.refused("port", "on the target, " + refusal.get(), "choose others with --publish");
        } else {
            findings.ok("port", "the ports that it publishes are free on the target");
        }
    }

    /** Those that it publishes and has chosen. */
    private List<PortMapping> wanted() {
        List<PortMapping> all = wishes.getPublishCount() > 0
                ? wishes.getPublishList().stream().map(PortMapping::parse).toList()
                : container.getPortsList().stream()
                        .map(port -> new PortMapping(
                                port.getHostIp(),
                                port.getHostPort(),
                                port.getHostPort(),
                                Math.max(1, port.getRange()),
                                port.getProtocol()))
                        .toList();
        return all.stream().filter(port -> port.hostPort() != 0).toList();
    }

    private Optional<String> refusal(Map<String, NetworkOptions> networks, List<PortMapping> ports) {
        String name = wishes.getName().isEmpty() ? container.getName() : wishes.getName();
        Path none = Path.of("/");
        return engine.networks()
                .refusal(new NetworkAttachment(container.getId(), name, none, none, networks, ports));
    }
}

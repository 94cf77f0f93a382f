package dev.ctr.lifecycle.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.criu.linux.NetworkLinks;
import dev.ctr.lifecycle.EngineException;
import dev.ctr.lifecycle.network.NetworkClaims.Claim;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes networks and removes them. A network exists from the moment its file stands; its bridge is made by the first container
 * that joins it. Whoever makes one holds the host's ledger, so that two never choose the same name, bridge or subnet.
 *
 * @param definitions the root's networks
 * @param rootHash tells the roots of the host apart
 */
record NetworkCreation(NetworkDefinitions definitions, String rootHash) {
    private static final String BRIDGE_PREFIX = "ctr";

    /** What the other networks of the host, of this root and others, have. */
    private record Others(List<NetworkDefinition> own, List<Claim> claims) {
        List<Subnet> subnets() throws IOException {
            List<Subnet> subnets = new ArrayList<>(HostSubnets.inUse());
            own.forEach(network -> network.ranges().forEach(range -> subnets.add(range.subnet())));
            claims.forEach(claim -> subnets.addAll(claim.subnets()));
            return subnets;
        }

        boolean hasInterface(String name) throws IOException {
            return InterfaceNames.exists(name)
                    || own.stream().anyMatch(network -> network.hostInterface().equals(name))
                    || claims.stream().anyMatch(claim -> claim.hostInterface().equals(name));
        }

        boolean hasNetwork(String name) {
            return own.stream().anyMatch(network -> network.name().equals(name));
        }
    }

    /** @throws EngineException INVALID_ARGUMENT, ALREADY_EXISTS or IN_USE, in podman's words where it has some */
    NetworkDefinition create(NetworkCreateOptions asked) throws IOException {
        if (!asked.name.isEmpty()) {
            NetworkDefinitions.checkName(asked.name);
        }
        NetworkDraft.check(asked);
        if (!asked.hostInterface.isEmpty()) {
            InterfaceNames.require(asked.hostInterface);
        }
        HostLedger ledger = HostLedger.ofThisHost();
        NetworkClaims claims = new NetworkClaims(ledger, rootHash);
        return ledger.exclusively(() -> {
            Others others = new Others(definitions.list(), claims.others(asked.name));
            NetworkDraft draft = draft(asked, others);
            return add(draft, claims);
        });
    }

    private static NetworkDraft draft(NetworkCreateOptions asked, Others others) throws IOException {
        if (others.hasNetwork(asked.name)) {
            throw nameTaken(asked.name);
        }
        boolean isBridge = asked.driver.equals("bridge");
        if (isBridge && !asked.hostInterface.isEmpty() && others.hasInterface(asked.hostInterface)) {
            throw new EngineException(
                    EngineException.Code.IN_USE, "bridge name " + asked.hostInterface + " already in use");
        }
        String free = freeName(others);
        String bridge = asked.hostInterface.isEmpty() ? free : asked.hostInterface;
        String name = asked.name.isEmpty() ? free : asked.name;
        return new NetworkDraft(asked, name, bridge, new SubnetChoice(asked, others.subnets()).ranges());
    }

    /** A name that neither a network nor an interface has. */
    private static String freeName(Others others) throws IOException {
        for (int number = 1; ; number++) {
            String candidate = BRIDGE_PREFIX + number;
            if (!others.hasInterface(candidate) && !others.hasNetwork(candidate)) {
                return candidate;
            }
        }
    }

    /** The file is written last: before, the claim is void. */
    private NetworkDefinition add(NetworkDraft draft, NetworkClaims claims) throws IOException {
        ObjectNode configuration = draft.configuration();
        NetworkDefinition definition = new NetworkDefinition(draft.name(), Instant.now(), configuration);
        claims.enter(definition, definitions.file(draft.name()));
        if (!definitions.add(draft.name(), configuration)) {
            throw nameTaken(draft.name());
        }
        return definitions.get(draft.name());
    }

    private static EngineException nameTaken(String name) {
        return new EngineException(
                EngineException.Code.ALREADY_EXISTS, "network name " + name + " already used: network already exists");
    }

    /**
     * Removes a network that no container uses, with the bridge and the packet filter rule that its containers have left. The
     * definition goes last, so that an interrupted removal can be repeated.
     *
     * @throws EngineException INVALID_ARGUMENT for the default network, NO_SUCH_NETWORK
     */
    void remove(String nameOrId) throws IOException {
        NetworkDefinition definition = definitions.find(nameOrId);
        String name = definition.name();
        if (name.equals(NetworkDefinitions.DEFAULT_NETWORK)) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT, "default network " + name + " cannot be removed");
        }
        for (Masquerade masquerade : Masquerade.of(definition).toList()) {
            masquerade.remove();
        }
        if (definition.isMadeByCtr()) {
            for (String bridge : definition.bridge().stream().toList()) {
                NetworkLinks.delete(bridge);
            }
        }
        HostLedger ledger = HostLedger.ofThisHost();
        NetworkClaims claims = new NetworkClaims(ledger, rootHash);
        ledger.exclusively(() -> {
            definitions.remove(name);
            claims.strike(name);
            return name;
        });
    }
}

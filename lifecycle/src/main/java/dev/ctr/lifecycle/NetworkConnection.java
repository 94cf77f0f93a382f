package dev.ctr.lifecycle;

import dev.ctr.lifecycle.network.NetworkAttachment;
import dev.ctr.lifecycle.network.NetworkOptions;
import dev.ctr.lifecycle.network.NetworkStatus;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Connects a container to networks and disconnects it. One that runs is changed first and its configuration after that, so that a
 * change that was interrupted has not happened yet and can be asked for again.
 */
final class NetworkConnection {
    private final LockedContainer container;

    NetworkConnection(LockedContainer container) {
        this.container = container;
    }

    /** A change of what a running container has joined; gives what it has then. */
    private interface Change {
        Map<String, NetworkStatus> make(NetworkAttachment attachment);
    }

    /** Connects it; one that does not run and is connected already is left alone, as by podman. */
    void connect(String nameOrId, NetworkOptions wishes) throws IOException {
        requireBridgeMode(container);
        String network = container.engine().networks().find(nameOrId);
        Map<String, NetworkOptions> networks =
                new LinkedHashMap<>(container.config().networks());
        if (networks.containsKey(network)) {
            if (hasNamespace()) {
                throw new EngineException(
                        EngineException.Code.ALREADY_EXISTS,
                        "container " + container.config().name() + " is already connected to network \"" + network
                                + "\": network is already connected");
            }
            return;
        }
        networks.put(network, wishes.withAlias(container.config().id().abbreviated()));
        Map<String, NetworkOptions> named = NetworkOptions.withInterfaceNames(networks);
        change(network, named, container.engine().networks()::connect);
    }

    void disconnect(String nameOrId) throws IOException {
        requireBridgeMode(container);
        String network = container.engine().networks().find(nameOrId);
        Map<String, NetworkOptions> networks =
                new LinkedHashMap<>(container.config().networks());
        if (networks.remove(network) == null) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "container " + container.config().name() + " is not connected to network " + network);
        }
        change(network, networks, container.engine().networks()::disconnect);
    }

    private void change(String network, Map<String, NetworkOptions> networks, Change change) throws IOException {
        ContainerConfig changed = NetworkConfiguration.withNetworks(container.config(), networks);
        if (!hasNamespace()) {
            container.save(changed);
            return;
        }
        Map<String, NetworkStatus> before = container.resources().networkStatus();
        ContainerResources resources = new ContainerResources(container.engine(), changed);
        NetworkOptions options = networks.getOrDefault(network, NetworkOptions.ANY);
        Map<String, NetworkStatus> now = change.make(resources.attachment(Map.of(network, options)));
        container.save(changed);
        resources.writeNetworkStatus(now);
        resources.generatedFiles().updateHosts(before, now);
        resources.publishNames(now);
    }

    /** Whether its network stands at present. */
    private boolean hasNamespace() {
        ContainerStatus status = container.state().status();
        return status.isAlive() || status == ContainerStatus.CREATED;
    }

    /** @throws EngineException INVALID_ARGUMENT if the container joins no networks at all */
    static void requireBridgeMode(LockedContainer container) {
        String mode = container.config().networkMode();
        if (!mode.equals("bridge")) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT, "\"" + mode + "\" is not supported: invalid network mode");
        }
    }
}

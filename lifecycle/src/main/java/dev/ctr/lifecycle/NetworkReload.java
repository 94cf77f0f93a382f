package dev.ctr.lifecycle;

/**
 * Makes a container's packet filter rules anew: published ports, and what lets its packets pass. Unlike podman's, which takes the
 * container off its networks and joins it again, it leaves interfaces, addresses and connections alone.
 */
final class NetworkReload {
    private final LockedContainer container;

    NetworkReload(LockedContainer container) {
        this.container = container;
    }

    void run() {
        ContainerStatus status = container.state().status();
        if (status != ContainerStatus.CREATED && status != ContainerStatus.RUNNING) {
            throw container.stateImproper("cannot reload network unless container network has been configured");
        }
        if (!container.config().ownsNetworkNamespace()) {
            throw container.stateImproper(
                    "container " + container.id() + " network is not configured, refusing to reload");
        }
        NetworkConnection.requireBridgeMode(container);
        container.engine().networks().reload(container.paths().networkState());
    }
}

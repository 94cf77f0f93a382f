package dev.ctr.lifecycle;

import dev.ctr.lifecycle.network.LiveHosts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Whose /dev/shm and whose network files a container has: those of the container at the end of the chain whose namespace it
 * shares, as in libpod. Follows configurations only, which do not change.
 */
final class SharedPlaces {
    private static final Path HOST_SHM = Path.of("/dev/shm");
    private static final String HOSTS = "hosts";

    private final ContainerStore store;
    private final ContainerConfig config;

    SharedPlaces(ContainerStore store, ContainerConfig config) {
        this.store = store;
        this.config = config;
    }

    private ContainerConfig owner(NamespaceKind kind) throws IOException {
        ContainerConfig owner = config;
        Optional<ContainerId> next = owner.sharedNamespace(kind);
        while (next.isPresent()) {
            owner = store.readConfiguration(next.get());
            next = owner.sharedNamespace(kind);
        }
        return owner;
    }

    /** Whether the container has a /dev/shm of its own. */
    boolean ownsShm() {
        boolean elsewhere = config.sharedNamespace(NamespaceKind.IPC).isPresent()
                || config.namespace(NamespaceKind.IPC).isEmpty();
        return !elsewhere && !config.hasNoShm();
    }

    /** What to mount at /dev/shm; empty for a container without it. */
    Optional<Path> shm() throws IOException {
        ContainerConfig owner = owner(NamespaceKind.IPC);
        if (owner.hasNoShm()) {
            return Optional.empty();
        }
        boolean own = new SharedPlaces(store, owner).ownsShm();
        return Optional.of(own ? store.paths(owner.id()).shm() : HOST_SHM);
    }

    /** Whether hosts and resolv.conf are another container's. */
    boolean sharesNetworkFiles() {
        return config.sharedNamespace(NamespaceKind.NET).isPresent();
    }

    /** The run directory that holds hosts, resolv.conf and what is known of the network. */
    Path networkFiles() throws IOException {
        return store.paths(networkOwner().id()).runDirectory();
    }

    /** The container whose network namespace it is in; itself if it shares none. */
    ContainerConfig networkOwner() throws IOException {
        return owner(NamespaceKind.NET);
    }

    /** Lets the containers of one network know this one by name. Others may be about the same at the same time. */
    void addName() throws IOException {
        changeHosts(text -> text.contains(ownLine()) ? text : text + ownLine());
    }

    /** Takes the name back; does nothing where the owner's files are gone. */
    void removeName() throws IOException {
        try {
            changeHosts(text -> text.replace(ownLine(), ""));
        } catch (EngineException e) {
            if (e.code() != EngineException.Code.NO_SUCH_CONTAINER) {
                throw e;
            }
        }
    }

    private String ownLine() {
        return "127.0.0.1\t" + config.name() + "\n";
    }

    private void changeHosts(UnaryOperator<String> change) throws IOException {
        LiveHosts.edit(networkFiles().resolve(HOSTS), change);
    }
}

package dev.ctr.lifecycle;

import dev.ctr.criu.linux.Mounts;
import dev.ctr.lifecycle.event.EventStatus;
import dev.ctr.lifecycle.storage.RootFilesystem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The mount of a container's root file system that users ask for, counted: it goes with the last unmount. What the container itself
 * mounts to run counts as one more, which users cannot take away.
 *
 * <p>The count is saved before the mount is made and after it has gone: a process that dies in between leaves a count without a
 * mount, which the next unmount puts right, and never a mount that nobody knows of.
 */
final class StorageMount {
    private final LockedContainer container;

    StorageMount(LockedContainer container) {
        this.container = container;
    }

    Path mount() throws IOException {
        ContainerState state = container.state();
        if (state.status() == ContainerStatus.REMOVING) {
            throw container.stateImproper("cannot mount container " + container.id() + " as it is being removed");
        }
        container.save(state.withMounts(state.mounts() + 1));
        RootFilesystem root = container.resources().rootFilesystem();
        try {
            root.mount();
        } catch (IOException e) {
            Undo.after(e, () -> container.save(state));
            throw e;
        }
        container.record(EventStatus.MOUNT);
        return root.path();
    }

    void unmount(boolean force) throws IOException, InterruptedException {
        ContainerState state = container.state();
        if (state.mounts() == 0 && isInUse()) {
            refuseLast();
        }
        int left = force ? 0 : Math.max(0, state.mounts() - 1);
        if (left == 0 && !isInUse()) {
            container.resources().rootFilesystem().unmount();
        }
        container.save(state.withMounts(left));
        container.record(EventStatus.UNMOUNT);
    }

    /** Whether the container has mounted it for itself. */
    private boolean isInUse() {
        ContainerStatus status = container.state().status();
        return status.isAlive() || status == ContainerStatus.CREATED || status == ContainerStatus.STOPPED;
    }

    private void refuseLast() throws IOException {
        ContainerStatus status = container.state().status();
        if (status == ContainerStatus.RUNNING || status == ContainerStatus.PAUSED) {
            throw container.stateImproper(
                    "cannot unmount storage for container " + container.id() + " as it is running or paused");
        }
        if (!ExecSession.running(container.paths()).isEmpty()) {
            throw container.stateImproper(
                    "container " + container.id() + " has active exec sessions, refusing to unmount");
        }
        throw new EngineException(
                EngineException.Code.IN_USE,
                "can't unmount " + container.id()
                        + " last mount, it is still in use: stop and clean up the container first");
    }

    /** Where the root file system is mounted at present, if it is. */
    static Optional<Path> mountPoint(ContainerConfig config, ContainerState state, ContainerResources resources)
            throws IOException {
        RootFilesystem root = resources.rootFilesystem();
        boolean mounted = config.hasOwnLayer()
                ? Mounts.isMounted(root.path())
                : state.mounts() > 0 || state.status().isAlive();
        return mounted ? Optional.of(root.path()) : Optional.empty();
    }
}

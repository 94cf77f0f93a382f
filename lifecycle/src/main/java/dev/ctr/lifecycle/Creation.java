package dev.ctr.lifecycle;

import dev.ctr.criu.linux.BootId;
import dev.ctr.lifecycle.event.EventStatus;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Brings a container into existence: takes its ID by making its directory, its name by linking it, makes its layer, and
 * last writes its configuration, which is the step by which it exists.
 */
final class Creation {
    private final EngineContext engine;
    private final ContainerStore store;

    Creation(EngineContext engine) {
        this.engine = engine;
        this.store = engine.store();
    }

    /** Fills the new container's directory before it exists. */
    @FunctionalInterface
    interface Filling {
        void fill(ContainerPaths paths) throws IOException;
    }

    /** Goes on with the new container, whose lock is still held. */
    @FunctionalInterface
    interface Continuation<T> {
        T apply(LockedContainer container) throws IOException, InterruptedException;
    }

    /**
     * Creates a container and goes on with it under its lock, so that nobody sees it in between.
     *
     * @throws EngineException with ALREADY_EXISTS when the name or the ID is taken
     */
    <T> T create(
            ContainerConfig config,
            UnaryOperator<ContainerState> initially,
            Filling filling,
            Continuation<T> continuation)
            throws IOException, InterruptedException {
        ContainerStore.checkName(config.name());
        store.sweep();
        ContainerPaths paths = store.paths(config.id());
        try (ContainerLock ignored = takeIdAndLock(config)) {
            ContainerState state = initially.apply(ContainerState.configured(BootId.current()));
            try {
                takeName(config.name(), config.id());
                filling.fill(paths);
                Files.createDirectories(paths.bundle());
                new ContainerResources(engine, config).rootFilesystem().create();
                store.writeState(config.id(), state);
                store.writeConfiguration(config);
            } catch (RuntimeException | IOException | InterruptedException e) {
                Undo.after(e, () -> store.delete(config.id()));
                throw e;
            }
            LockedContainer created = LockedContainer.created(engine, config, state);
            created.record(EventStatus.CREATE);
            return continuation.apply(created);
        }
    }

    /** Makes the directory and locks it, again if somebody's sweep took it for that of a dead creation in between. */
    private ContainerLock takeIdAndLock(ContainerConfig config) throws IOException, InterruptedException {
        while (true) {
            takeId(config);
            try {
                return ContainerLock.acquire(store.paths(config.id()).lock());
            } catch (EngineException e) {
                if (e.code() != EngineException.Code.NO_SUCH_CONTAINER) {
                    throw e;
                }
            }
        }
    }

    private void takeId(ContainerConfig config) throws IOException, InterruptedException {
        try {
            store.createDirectory(config.id());
        } catch (FileAlreadyExistsException e) {
            settle(config.id());
            try {
                store.createDirectory(config.id());
            } catch (FileAlreadyExistsException taken) {
                throw new EngineException(
                        EngineException.Code.ALREADY_EXISTS,
                        "creating container storage: the container ID "
                                + config.id().abbreviated()
                                + " is already in use: remove that container, or give the new one another name by --name",
                        taken);
            }
        }
    }

    /** Takes a name for a container, from one that has it no more if need be. */
    void takeName(String name, ContainerId id) throws IOException, InterruptedException {
        if (store.reserveName(name, id)) {
            return;
        }
        Optional<ContainerId> holder = store.holder(name);
        if (holder.isPresent()) {
            settle(holder.get());
            releaseIfRenamed(name, holder.get());
        }
        if (!store.reserveName(name, id)) {
            throw nameTaken(name);
        }
    }

    EngineException nameTaken(String name) throws IOException {
        if (store.names().holder(Names.Kind.POD, name).isPresent()) {
            return new EngineException(
                    EngineException.Code.ALREADY_EXISTS, "name \"" + name + "\" is in use: pod already exists");
        }
        String holder = store.holder(name).map(ContainerId::hex).orElse("another container");
        return new EngineException(
                EngineException.Code.ALREADY_EXISTS,
                "creating container storage: the container name \"" + name + "\" is already in use by " + holder
                        + ". You have to remove that container to be able to reuse that name: that name is already in use");
    }

    /** Finishes what a process that died has begun with a container that is in the way, if nobody has it. */
    private void settle(ContainerId id) throws IOException, InterruptedException {
        if (!store.exists(id)) {
            return;
        }
        Optional<ContainerLock> free = ContainerLock.tryAcquire(store.paths(id).lock());
        if (free.isEmpty()) {
            return;
        }
        try (ContainerLock ignored = free.get()) {
            LockedContainer container = LockedContainer.open(engine, id);
            if (container.state().status() == ContainerStatus.REMOVING) {
                Removal.remove(container, false);
            }
        } catch (EngineException e) {
            if (e.code() != EngineException.Code.NO_SUCH_CONTAINER) {
                throw e;
            }
        }
    }

    /** A rename that died half-way leaves the container with two names; the configuration tells which one it is. */
    private void releaseIfRenamed(String name, ContainerId holder) throws IOException {
        if (store.exists(holder) && !store.readConfiguration(holder).name().equals(name)) {
            store.releaseName(name, holder);
        }
    }
}

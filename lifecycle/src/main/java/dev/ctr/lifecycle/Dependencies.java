package dev.ctr.lifecycle;

import dev.ctr.lifecycle.EngineException.Code;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The containers that one needs: those whose namespaces it joins and those it was created to require. A dependency must exist
 * before what depends on it is created, so the graph has no cycle.
 *
 * <p>Locks: a pod's lock is taken before those of containers, a container's before those of what it depends on, and never
 * the other way round, so no two calls can wait for each other. Mostly not even two are held: what is needed is started
 * before the lock of what needs it is taken, and looked at again under that lock; states of dependencies are read without
 * their locks. (Only a batch of calls holds its container's lock while it starts what that one needs.)
 */
final class Dependencies {
    /** How often dependencies that end as soon as they were started are started again. */
    private static final int ATTEMPTS = 3;

    private final EngineContext engine;
    private final ContainerConfig config;

    Dependencies(EngineContext engine, ContainerConfig config) {
        this.engine = engine;
        this.config = config;
    }

    /**
     * Refuses where a dependency does not run.
     *
     * @throws EngineException STATE_IMPROPER in libpod's words
     */
    void requireRunning() {
        List<String> waiting = notRunning().stream().map(ContainerId::hex).toList();
        if (!waiting.isEmpty()) {
            throw new EngineException(
                    Code.STATE_IMPROPER,
                    "some dependencies of container " + config.id() + " are not started: " + String.join(", ", waiting)
                            + ": container state improper");
        }
    }

    private List<ContainerId> notRunning() {
        return config.dependencies().stream()
                .filter(id -> new Container(engine, id).state().status() != ContainerStatus.RUNNING)
                .toList();
    }

    /** Starts those that do not run, each after what it needs itself. */
    void start() {
        start(new LinkedHashSet<>(Set.of(config.id())));
    }

    private void start(Set<ContainerId> under) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            List<ContainerId> waiting = notRunning();
            if (waiting.isEmpty()) {
                return;
            }
            for (ContainerId id : waiting) {
                start(id, under);
            }
        }
    }

    private void start(ContainerId id, Set<ContainerId> under) {
        if (!under.add(id)) {
            throw new EngineException(
                    Code.INVALID_ARGUMENT,
                    "the containers "
                            + under.stream().map(ContainerId::abbreviated).collect(Collectors.joining(", "))
                            + " depend on each other in a circle: a configuration was changed by hand");
        }
        Container container = new Container(engine, id);
        new Dependencies(engine, container.config()).start(under);
        try {
            container.start(false);
        } catch (EngineException e) {
            throw new EngineException(
                    e.code(),
                    "cannot start container " + id + ", on which " + config.id() + " depends: " + e.getMessage(),
                    e);
        }
        under.remove(id);
    }

    /**
     * Makes sure, once the container exists, that what it needs does too: from then on nothing of it can be removed.
     *
     * @throws EngineException NO_SUCH_CONTAINER or NO_SUCH_POD if something was removed while the container was created
     */
    void confirm() throws IOException {
        for (ContainerId id : config.dependencies()) {
            ContainerStatus status = new Container(engine, id)
                    .locked(container -> container.state().status());
            if (status == ContainerStatus.REMOVING) {
                throw ContainerStore.noSuchContainer(id.abbreviated());
            }
        }
        if (config.pod().isPresent() && !config.isInfra()) {
            engine.pods().confirm(config.pod().get());
        }
    }

    /** The containers that depend on this one directly, oldest first. */
    List<ContainerId> dependents() throws IOException {
        List<ContainerId> dependents = new ArrayList<>();
        for (ContainerConfig other : engine.store().configurations()) {
            if (other.dependencies().contains(config.id())) {
                dependents.add(other.id());
            }
        }
        return dependents;
    }

    /** Removes the containers that depend on it, and before them those that depend on these. */
    List<ContainerId> removeDependents(boolean force, boolean volumes, Optional<Duration> timeout) throws IOException {
        List<ContainerId> removed = new ArrayList<>();
        // Anew each time: with one dependent others may have gone.
        for (List<ContainerId> left = dependents(); !left.isEmpty(); left = dependents()) {
            removed.addAll(new Container(engine, left.get(0)).removeWithDependents(force, volumes, timeout));
        }
        return removed;
    }

    /**
     * Refuses the removal of what others need. Under the container's lock this holds until the removal has begun.
     *
     * @throws EngineException ALREADY_EXISTS in libpod's words
     */
    void requireNoDependents() throws IOException {
        List<ContainerId> dependents = dependents();
        if (!dependents.isEmpty()) {
            throw new EngineException(
                    Code.ALREADY_EXISTS,
                    "container " + config.id() + " has dependent containers which must be removed before it: "
                            + dependents.stream().map(ContainerId::hex).collect(Collectors.joining(", "))
                            + ": container already exists");
        }
    }

    /**
     * Refuses the removal of a pod's infra container while the pod is there.
     *
     * @throws EngineException INVALID_ARGUMENT in podman's words
     */
    void requireNoInfra() throws IOException {
        if (config.isInfra()
                && config.pod().isPresent()
                && engine.pods().isTaken(config.pod().get())) {
            throw new EngineException(
                    Code.INVALID_ARGUMENT,
                    "container " + config.id() + " is the infra container of pod "
                            + config.pod().get() + " and cannot be removed without removing the pod");
        }
    }
}

package dev.ctr.lifecycle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.lifecycle.event.EventStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A group of containers that share namespaces, which an infra container holds, with libpod's calls under the same names.
 *
 * <p>Instances hold no state and may be used by any number of threads. What is done to several containers is done to all of
 * them even if it fails with some; the {@link EngineException} then names those.
 */
public final class Pod {
    private final EngineContext engine;
    private final PodId id;
    private final PodMembers members;

    Pod(EngineContext engine, PodId id) {
        this.engine = engine;
        this.id = id;
        this.members = new PodMembers(engine, id);
    }

    public PodId id() {
        return id;
    }

    public String name() {
        return config().name();
    }

    /**
     * The configuration as it was created.
     *
     * @throws EngineException with NO_SUCH_POD if it was removed
     */
    public PodConfig config() {
        return Calls.call("", () -> engine.pods().read(id));
    }

    /** Its containers, oldest first, the infra container among them. */
    public List<Container> containers() {
        return Calls.call("", members::containers);
    }

    /** The container that holds what is shared. */
    public Optional<Container> infra() {
        return config().infra().map(infra -> new Container(engine, infra));
    }

    /** How it is, as its containers are. */
    public PodStatus status() {
        return Calls.call("", () -> PodStatus.of(members.statuses().values()));
    }

    /** Starts the containers that do not run, each after what it depends on. */
    public void start() {
        Calls.run("", () -> {
            requireContainers();
            for (List<ContainerConfig> layer : members.inOrder()) {
                members.each("start", layer, Container::start);
            }
            record(EventStatus.START);
        });
    }

    private void record(EventStatus status) {
        engine.events().record(PodMembers.event(config(), status));
    }

    private void requireContainers() {
        if (containers().isEmpty()) {
            throw new EngineException(
                    EngineException.Code.NO_SUCH_CONTAINER,
                    "no containers in pod " + id + " have no dependencies, cannot start pod: no such container");
        }
    }

    /**
     * Stops the containers that run, the infra container last.
     *
     * @param timeout how long each may take before it is killed; empty for its own
     */
    public void stop(Optional<Duration> timeout) {
        Calls.run("", () -> {
            config();
            List<List<ContainerConfig>> layers = new ArrayList<>(members.inOrder());
            Collections.reverse(layers);
            for (List<ContainerConfig> layer : layers) {
                members.each("stop", layer, container -> stop(container, timeout));
            }
            record(EventStatus.STOP);
        });
    }

    private static void stop(Container container, Optional<Duration> timeout) {
        switch (container.state().status()) {
            case CREATED, RUNNING, STOPPING -> container.stop(timeout);
            case PAUSED -> {
                container.unpause();
                container.stop(timeout);
            }
            default -> {}
        }
    }

    /** Stops it, then starts it. */
    public void restart() {
        requireContainers();
        stop(Optional.empty());
        start();
    }

    /** Sends a signal to the first process of every container that runs. */
    public void kill(int signal) {
        config();
        Calls.run("", () -> members.each("kill", ContainerStatus::canKill, container -> container.kill(signal)));
        record(EventStatus.KILL);
    }

    /** Freezes the containers that run. */
    public void pause() {
        config();
        Calls.run("", () -> members.each("pause", status -> status == ContainerStatus.RUNNING, Container::pause));
        record(EventStatus.PAUSE);
    }

    /** Lets the containers that are paused go on. */
    public void unpause() {
        config();
        Calls.run("", () -> members.each("unpause", status -> status == ContainerStatus.PAUSED, Container::unpause));
        record(EventStatus.UNPAUSE);
    }

    /**
     * Removes the pod with its containers and their anonymous volumes.
     *
     * @param force stops first what runs
     * @param timeout how long each container may take before it is killed; empty for its own
     * @throws EngineException with ALREADY_EXISTS if containers run and force was not asked for, or if others depend on them
     */
    public void remove(boolean force, Optional<Duration> timeout) {
        Calls.run("", () -> new PodRemoval(engine, id).remove(force, timeout));
    }

    /** Everything there is to know, with the keys of {@code podman pod inspect}. */
    public ObjectNode inspect() {
        return Calls.call("", () -> new PodInspection(engine, config()).toJson());
    }
}

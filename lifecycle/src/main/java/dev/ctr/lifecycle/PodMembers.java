package dev.ctr.lifecycle;

import dev.ctr.lifecycle.event.Event;
import dev.ctr.lifecycle.event.EventStatus;
import dev.ctr.lifecycle.event.EventType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The containers of a pod, and doing the same to all of them. */
final class PodMembers {
    /** Each container on a thread of its own, which ends with the task. */
    private static final Executor THREADS = task -> new Thread(task, "ctr-pod").start();

    private final EngineContext engine;
    private final PodId pod;

    PodMembers(EngineContext engine, PodId pod) {
        this.engine = engine;
        this.pod = pod;
    }

    /** What they are, oldest first; the infra container, if there is one, is the oldest. */
    List<ContainerConfig> configurations() throws IOException {
        return engine.store().configurations().stream()
                .filter(config -> config.pod().filter(pod::equals).isPresent())
                .toList();
    }

    List<Container> containers() throws IOException {
        return configurations().stream()
                .map(config -> new Container(engine, config.id()))
                .toList();
    }

    /** How each of them is, oldest first. Those that are removed meanwhile are left out. */
    Map<ContainerConfig, ContainerStatus> statuses() throws IOException {
        Map<ContainerConfig, ContainerStatus> statuses = new LinkedHashMap<>();
        for (ContainerConfig config : configurations()) {
            try {
                statuses.put(config, new Container(engine, config.id()).state().status());
            } catch (EngineException e) {
                if (e.code() != EngineException.Code.NO_SUCH_CONTAINER) {
                    throw e;
                }
            }
        }
        return statuses;
    }

    /** Dependencies first: each list holds containers that need none of the same or a later list. */
    List<List<ContainerConfig>> inOrder() throws IOException {
        List<List<ContainerConfig>> layers = new ArrayList<>();
        List<ContainerConfig> rest = new ArrayList<>(configurations());
        while (!rest.isEmpty()) {
            Set<ContainerId> waiting = rest.stream().map(ContainerConfig::id).collect(Collectors.toSet());
            List<ContainerConfig> layer = rest.stream()
                    .filter(config -> config.dependencies().stream().noneMatch(waiting::contains))
                    .toList();
            // Only configurations that were changed by hand form a circle.
            layers.add(layer.isEmpty() ? List.copyOf(rest) : layer);
            rest.removeAll(layers.get(layers.size() - 1));
        }
        return layers;
    }

    /**
     * Does something to several containers at the same time, whether or not it fails with some.
     *
     * @param attempt the verb, for the error message
     * @throws EngineException with what failed, and with which container
     */
    void each(String attempt, List<ContainerConfig> containers, Consumer<Container> action) {
        Map<ContainerId, CompletableFuture<Void>> under = new LinkedHashMap<>();
        for (ContainerConfig config : containers) {
            Container container = new Container(engine, config.id());
            under.put(config.id(), CompletableFuture.runAsync(() -> action.accept(container), THREADS));
        }
        List<EngineException> failures = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        under.forEach((id, done) -> {
            try {
                done.join();
            } catch (CompletionException e) {
                EngineException failure = failure(e);
                failures.add(failure);
                reasons.add(id.abbreviated() + ": " + failure.getMessage());
            }
        });
        if (!failures.isEmpty()) {
            EngineException first = failures.get(0);
            EngineException all = new EngineException(
                    first.code(),
                    "cannot " + attempt + " " + failures.size() + " of " + containers.size() + " containers of pod "
                            + pod + ": " + String.join("; ", reasons),
                    first);
            failures.stream().skip(1).forEach(all::addSuppressed);
            throw all;
        }
    }

    /** Does something to those containers whose status fits. */
    void each(String attempt, Predicate<ContainerStatus> fits, Consumer<Container> action) throws IOException {
        Map<ContainerConfig, ContainerStatus> statuses = statuses();
        each(
                attempt,
                statuses.keySet().stream()
                        .filter(config -> fits.test(statuses.get(config)))
                        .toList(),
                action);
    }

    /** What happened just now to a pod. */
    static Event event(PodConfig pod, EventStatus status) {
        return Event.of(EventType.POD, status, pod.id().hex(), pod.name()).withAttributes(pod.labels());
    }

    private static EngineException failure(CompletionException e) {
        if (e.getCause() instanceof EngineException failure) {
            return failure;
        }
        throw e;
    }
}

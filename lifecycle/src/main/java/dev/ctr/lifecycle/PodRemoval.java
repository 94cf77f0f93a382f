package dev.ctr.lifecycle;

import dev.ctr.lifecycle.EngineException.Code;
import dev.ctr.lifecycle.event.EventStatus;
import dev.ctr.lifecycle.runtime.Cgroup;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Removes a pod with its containers, those that need others first, the infra container last. That it was begun is written
 * down, so that no container joins meanwhile, and that the next removal finishes what one that died has begun.
 */
final class PodRemoval {
    private final EngineContext engine;
    private final PodId id;
    private final PodMembers members;

    PodRemoval(EngineContext engine, PodId id) {
        this.engine = engine;
        this.id = id;
        this.members = new PodMembers(engine, id);
    }

    /** @param force stops containers that run, giving them the timeout or else their own */
    void remove(boolean force, Optional<Duration> timeout) throws IOException, InterruptedException {
        sweep(engine);
        try (LockFile ignored = engine.pods().lock(id)) {
            PodConfig pod = engine.pods().read(id);
            requireNoDependentsOutside();
            boolean forced = force || pod.isRemoving();
            if (!forced) {
                requireNothingRuns();
            }
            engine.pods().write(pod.removing(true));
            try {
                removeMembers(forced, timeout);
            } catch (RuntimeException | IOException e) {
                Undo.after(e, () -> engine.pods().write(pod.removing(false)));
                throw e;
            }
            removeCgroup(pod);
            engine.pods().delete(id);
            engine.events().record(PodMembers.event(pod, EventStatus.REMOVE));
        }
    }

    private void requireNoDependentsOutside() throws IOException {
        // One look at all of them: a member that joins between two looks would be taken for one outside.
        List<ContainerConfig> all = engine.store().configurations();
        Set<ContainerId> ids = all.stream()
                .filter(config -> config.pod().filter(id::equals).isPresent())
                .map(ContainerConfig::id)
                .collect(Collectors.toSet());
        for (ContainerConfig other : all) {
            Optional<ContainerId> needed =
                    other.dependencies().stream().filter(ids::contains).findFirst();
            if (needed.isPresent() && !ids.contains(other.id())) {
                throw new EngineException(
                        Code.ALREADY_EXISTS,
                        "cannot remove pod " + id + ": container " + needed.get()
                                + " has dependent containers which must be removed before it: " + other.id()
                                + ": container already exists");
            }
        }
    }

    private void requireNothingRuns() throws IOException {
        List<String> reasons = new ArrayList<>();
        for (Map.Entry<ContainerConfig, ContainerStatus> member :
                members.statuses().entrySet()) {
            if (member.getValue().isAlive()) {
                String container = member.getKey().id().hex();
                reasons.add("removing container " + container + " from pod " + id + ": cannot remove container "
                        + container + " as it is " + member.getValue().word()
                        + " - running or paused containers cannot be removed without force: container state improper");
            }
        }
        if (!reasons.isEmpty()) {
            throw new EngineException(Code.ALREADY_EXISTS, String.join("; ", reasons));
        }
    }

    /** Again and again, because a container may be joining at this moment. */
    private void removeMembers(boolean force, Optional<Duration> timeout) throws IOException {
        while (!members.configurations().isEmpty()) {
            requireNoDependentsOutside();
            List<List<ContainerConfig>> layers = new ArrayList<>(members.inOrder());
            Collections.reverse(layers);
            for (List<ContainerConfig> layer : layers) {
                members.each("remove", layer, container -> removeIfThere(container, force, timeout));
            }
        }
    }

    private static void removeIfThere(Container container, boolean force, Optional<Duration> timeout) {
        try {
            container.removeWithPod(force, timeout);
        } catch (EngineException e) {
            // One that others depend on waits for the next round, when the order is looked at again.
            if (e.code() != Code.NO_SUCH_CONTAINER && e.code() != Code.ALREADY_EXISTS) {
                throw e;
            }
        }
    }

    private static void removeCgroup(PodConfig pod) throws IOException, InterruptedException {
        if (pod.cgroup().isPresent()) {
            new Cgroup(pod.cgroup().get()).destroy();
        }
    }

    /** Deletes a pod that does not exist yet; the lock must be held. */
    void deleteUnfinished() throws IOException, InterruptedException {
        removeMembers(true, Optional.of(Duration.ZERO));
        engine.pods().delete(id);
    }

    /** Deletes what creations and removals that died have left. The caller must hold no pod's lock. */
    static void sweep(EngineContext engine) throws IOException, InterruptedException {
        for (PodId id : engine.pods().directories()) {
            if (engine.pods().exists(id)) {
                continue;
            }
            Optional<LockFile> free = engine.pods().tryLock(id);
            if (free.isPresent()) {
                try (LockFile ignored = free.get()) {
                    if (!engine.pods().exists(id)) {
                        new PodRemoval(engine, id).deleteUnfinished();
                    }
                } catch (EngineException e) {
                    // Another container depends on what is left: a later sweep will find it without.
                    if (e.code() != Code.ALREADY_EXISTS) {
                        throw e;
                    }
                }
            }
        }
    }
}

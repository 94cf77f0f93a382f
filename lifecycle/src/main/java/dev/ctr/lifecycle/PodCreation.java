package dev.ctr.lifecycle;

import dev.ctr.lifecycle.event.EventStatus;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/**
 * Brings a pod into existence: takes its ID by making its directory, its name by linking it, creates its infra container, and
 * last writes its configuration, which is the step by which it exists.
 */
final class PodCreation {
    /** HOST_NAME_MAX of Linux. */
    private static final int LONGEST_HOSTNAME = 64;

    private final EngineContext engine;
    private final PodStore pods;
    private final PodOptions options;

    PodCreation(EngineContext engine, PodOptions options) {
        this.engine = engine;
        this.pods = engine.pods();
        this.options = options;
    }

    Pod create() throws IOException, InterruptedException {
        options.check();
        PodRemoval.sweep(engine);
        PodId id = PodId.random();
        String name = options.name == null ? pods.names().free() : options.name;
        Names.check(Names.Kind.POD, name);
        String parent = options.cgroupParent == null ? engine.options().cgroupParent() : options.cgroupParent;
        PodConfig pod = PodConfig.of(options, id, name, parent, Instant.now());
        try (LockFile ignored = takeId(id)) {
            try {
                takeName(name, id);
                pods.write(options.hasInfra() ? pod.withInfra(createInfra(pod)) : pod);
            } catch (RuntimeException | IOException | InterruptedException e) {
                Undo.after(e, () -> new PodRemoval(engine, id).deleteUnfinished());
                throw e;
            }
        }
        engine.events().record(PodMembers.event(pod, EventStatus.CREATE));
        return new Pod(engine, id);
    }

    /** Makes the pod's directory and locks it, again if a sweep took it for a dead one in between. */
    private LockFile takeId(PodId id) throws IOException {
        while (true) {
            pods.createDirectory(id);
            try {
                return pods.lock(id);
            } catch (EngineException e) {
                if (e.code() != EngineException.Code.NO_SUCH_POD) {
                    throw e;
                }
            }
        }
    }

    private void takeName(String name, PodId id) throws IOException, InterruptedException {
        if (pods.names().reserve(name, Names.Kind.POD, id.hex())) {
            return;
        }
        Optional<ContainerId> container = engine.store().holder(name);
        if (container.isPresent()) {
            // The container may be one that has died half-way and has no claim to the name any more.
            engine.store().sweep();
        }
        if (!pods.names().reserve(name, Names.Kind.POD, id.hex())) {
            String holder = container.isPresent() ? "container" : "pod";
            throw new EngineException(
                    EngineException.Code.ALREADY_EXISTS,
                    "adding pod to state: name \"" + name + "\" is in use: " + holder + " already exists");
        }
    }

    private ContainerId createInfra(PodConfig pod) throws IOException, InterruptedException {
        PauseImage.require(engine);
        CreateOptions infra = options.infraContainer();
        infra.infraOf = pod;
        infra.name = options.infraName == null ? pod.id().abbreviated() + "-infra" : options.infraName;
        if (infra.hostname == null && !isOnHostUts(infra)) {
            String name = pod.name();
            infra.hostname = name.substring(0, Math.min(name.length(), LONGEST_HOSTNAME));
        }
        infra.createCommand = options.createCommand;
        return new Engine(engine).create(infra).id();
    }

    private static boolean isOnHostUts(CreateOptions infra) {
        return infra.namespaces.getOrDefault(NamespaceKind.UTS, "").equals("host");
    }
}

package dev.ctr.lifecycle;

import dev.ctr.lifecycle.event.EventJournal;
import dev.ctr.lifecycle.image.ImageStore;
import dev.ctr.lifecycle.network.Networks;
import dev.ctr.lifecycle.runtime.Cgroup;
import dev.ctr.lifecycle.runtime.Conmon;
import dev.ctr.lifecycle.runtime.OciRuntime;
import dev.ctr.lifecycle.storage.VolumeStore;
import java.nio.file.Path;

/** What the parts of one engine share. Cheap to make; programs are looked up when they are first needed. */
record EngineContext(
        EngineOptions options,
        ContainerStore store,
        ImageStore images,
        VolumeStore volumes,
        Networks networks,
        EventJournal events,
        PodStore pods) {

    static EngineContext of(EngineOptions options) {
        return new EngineContext(
                options,
                new ContainerStore(options.root(), options.runRoot()),
                new ImageStore(options.root()),
                new VolumeStore(options.root()),
                new Networks(options.root()),
                new EventJournal(options.root()),
                new PodStore(options.root()));
    }

    /**
     * Refuses a runtime that is not installed.
     *
     * @throws EngineException INVALID_ARGUMENT
     */
    void requireRuntime(String name) {
        OciRuntime.find(name, options.runRoot().resolve("runtime"));
    }

    /** The runtime that the container was created with. */
    OciRuntime runtime(ContainerConfig config) {
        return OciRuntime.find(config.runtime(), options.runRoot().resolve("runtime"));
    }

    /** Where the runtime keeps its own state of a container. */
    Path runtimeState(ContainerConfig config) {
        return options.runRoot().resolve("runtime").resolve(config.id().hex());
    }

    /**
     * Makes sure that what new containers need is installed.
     *
     * @throws EngineException with INVALID_ARGUMENT
     */
    void requirePrograms() {
        OciRuntime runtime =
                OciRuntime.find(options.runtime(), options.runRoot().resolve("runtime"));
        Conmon.find(runtime, new Cgroup(options.cgroupParent() + "/conmon"));
    }

    Conmon conmon(ContainerConfig config) {
        return Conmon.find(runtime(config), conmonCgroup(config));
    }

    Cgroup conmonCgroup(ContainerConfig config) {
        return new Cgroup(config.cgroupParent() + "/conmon");
    }

    /** The container's own cgroup. It tells roots apart: a container that moved to another root keeps its ID. */
    Cgroup cgroup(ContainerConfig config) {
        String root = Integer.toHexString(options.root().toString().hashCode());
        return new Cgroup(config.cgroupParent() + "/ctr-" + config.id() + "-" + root);
    }
}

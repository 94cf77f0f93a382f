package dev.ctr.lifecycle;

import dev.ctr.criu.linux.BootId;
import dev.ctr.criu.linux.ProcessIdentity;
import dev.ctr.lifecycle.PendingOperation.Kind;
import dev.ctr.lifecycle.event.EventStatus;
import dev.ctr.lifecycle.runtime.Conmon;
import java.io.IOException;
import java.time.Instant;

/** Makes a container in the runtime, and starts its program. */
final class Initialization {
    private final LockedContainer container;

    Initialization(LockedContainer container) {
        this.container = container;
    }

    void initialize() throws IOException, InterruptedException {
        ContainerStatus status = container.state().status();
        if (!status.canInit()) {
            throw container.stateImproper("container " + container.id() + " has already been created in runtime");
        }
        dependencies().requireRunning();
        if (status == ContainerStatus.STOPPED) {
            container.tearDown();
        }
        container.begin(PendingOperation.of(Kind.INIT));
        try {
            create();
            container.record(EventStatus.INIT);
        } catch (RuntimeException | IOException | InterruptedException e) {
            Undo.after(e, container::tearDown);
            throw e;
        }
    }

    private Dependencies dependencies() {
        return new Dependencies(container.engine(), container.config());
    }

    private void create() throws IOException, InterruptedException {
        try (JoinedNamespaces joined = JoinedNamespaces.open(container.engine(), container.config())) {
            create(joined);
        }
    }

    private void create(JoinedNamespaces joined) throws IOException, InterruptedException {
        ContainerResources resources = container.resources();
        new OverlayMounts(container.engine(), container.config()).forgetChanges();
        new HealthLog(container.paths()).clear();
        resources.prepare(container.config().networks());
        VolumeOwnership.give(container.config(), resources);
        BundleSpec spec = new BundleSpec(container.engine(), container.config(), resources);
        spec.write(joined.addTo(spec.complete()));
        Conmon conmon = container.engine().conmon(container.config());
        long pid = conmon.create(container.conmonRequest());
        ProcessIdentity process = ProcessIdentity.of(pid)
                .orElseThrow(() -> new EngineException(
                        EngineException.Code.RUNTIME,
                        "the first process of " + container.config().name() + " ended before it was started"));
        joined.verify(process);
        long conmonPid = container.conmonPid();
        container.save(container.state().initialized(process, conmonPid, BootId.current()));
        container.publishPids(pid, conmonPid);
    }

    /** Starts the program; one that runs is left alone. */
    void start() throws IOException, InterruptedException {
        ContainerStatus status = container.state().status();
        if (status == ContainerStatus.RUNNING) {
            return;
        }
        if (!status.canStart()) {
            throw container.stateImproper(
                    "container " + container.id() + " must be in Created or Stopped state to be started");
        }
        if (status.canInit()) {
            initialize();
        } else {
            dependencies().requireRunning();
        }
        try {
            container.callRuntime(
                    () -> container.runtime().start(container.id()),
                    container.state().started(Instant.now()));
            container.record(EventStatus.START);
        } catch (RuntimeException | IOException e) {
            Undo.after(e, container::tearDown);
            throw e;
        }
    }
}

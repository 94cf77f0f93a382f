package dev.ctr.lifecycle;

import dev.ctr.lifecycle.event.EventStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Stops a container that runs, and starts it; what it depends on must run. If it is interrupted in between, a stopped container is left. */
final class Restart {
    private final Container container;
    private final Optional<Duration> timeout;

    Restart(Container container, Optional<Duration> timeout) {
        this.container = container;
        this.timeout = timeout;
    }

    void run() throws IOException, InterruptedException {
        ContainerStatus status = container.locked(Restart::check);
        if (status == ContainerStatus.RUNNING) {
            new Termination(container, timeout).run();
        }
        container.start(false);
        container.record(LockedContainer.event(container.config(), EventStatus.RESTART));
    }

    private static ContainerStatus check(LockedContainer locked) {
        ContainerStatus status = locked.state().status();
        if (!status.canRestart()) {
            throw locked.stateImproper("unable to restart a container in a paused or unknown state");
        }
        new Dependencies(locked.engine(), locked.config()).requireRunning();
        return status;
    }
}

package dev.ctr.lifecycle;

import java.io.IOException;
import java.util.Optional;

/**
 * Gives a container everything it has on this host anew, as if the host had been rebooted, and brings it back into the state
 * it was in.
 */
final class Refresh {
    private final Container container;

    Refresh(Container container) {
        this.container = container;
    }

    void run() throws IOException, InterruptedException {
        ContainerStatus before = container.locked(locked -> locked.state().status());
        if (before == ContainerStatus.PAUSED) {
            container.unpause();
        }
        if (before.isAlive()) {
            new Termination(container, Optional.empty()).run();
        }
        container.locked(locked -> {
            if (before != ContainerStatus.REMOVING && !locked.state().status().isAlive()) {
                locked.tearDown();
            }
            return true;
        });
        switch (before) {
            case CREATED -> container.init();
            case RUNNING -> container.start();
            case PAUSED -> {
                container.start();
                container.pause();
            }
            default -> {}
        }
    }
}

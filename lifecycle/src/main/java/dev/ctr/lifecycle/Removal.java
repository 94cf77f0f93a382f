package dev.ctr.lifecycle;

import dev.ctr.lifecycle.event.EventStatus;
import java.io.IOException;
import java.util.List;

/** Removes a container with everything that it has on this host. */
final class Removal {
    private Removal() {}

    /**
     * Removes a container, whatever its state; its processes are killed. A removal that is interrupted can be begun again.
     *
     * @param volumes whether its anonymous volumes go too
     */
    static void remove(LockedContainer container, boolean volumes) throws IOException, InterruptedException {
        container.letSavesFail();
        boolean wasAlive = container.state().status().isAlive();
        container.save(container
                .state()
                .withStatus(ContainerStatus.REMOVING)
                .withNothingPending()
                .withMounts(0));
        container.tearDown();
        if (wasAlive) {
            container.recordDeath(LockedContainer.exitCode(container.paths()).orElse(128 + Signal.KILL));
        }
        container.save(container.state().withStatus(ContainerStatus.REMOVING));
        if (volumes) {
            removeVolumes(
                    container,
                    container.config().namedVolumes().stream()
                            .filter(ContainerConfig.NamedVolume::anonymous)
                            .map(ContainerConfig.NamedVolume::name)
                            .toList());
        }
        container.engine().store().delete(container.config().id());
        container.record(EventStatus.REMOVE);
    }

    /** Removes volumes of a container that no other container uses. */
    static void removeVolumes(LockedContainer container, List<String> names) throws IOException {
        for (String name : names) {
            if (!isUsedElsewhere(container, name)) {
                container.engine().volumes().removeIfPresent(name);
            }
        }
    }

    /** Whether another container has borrowed the volume (--volumes-from). */
    private static boolean isUsedElsewhere(LockedContainer container, String volume) throws IOException {
        ContainerStore store = container.engine().store();
        for (ContainerId id : store.list()) {
            try {
                boolean uses = store.readConfiguration(id).namedVolumes().stream()
                        .anyMatch(used -> used.name().equals(volume));
                if (uses && !id.equals(container.config().id())) {
                    return true;
                }
            } catch (EngineException removedMeanwhile) {
                // It uses nothing any more.
            }
        }
        return false;
    }
}

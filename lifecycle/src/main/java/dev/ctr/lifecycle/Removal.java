package dev.ctr.lifecycle;

import dev.ctr.lifecycle.event.EventStatus;
import java.io.IOException;

/** Removes a container with everything that it has on this host. */
final class Removal {
    private Removal() {}

    /**
     * Removes a container, whatever its state; its processes are killed. A removal that is interrupted can be begun again.
     *
     * @param volumes whether its anonymous volumes go too
     */
    static void remove(LockedContainer container, boolean volumes) throws IOException, InterruptedException {
        remove(container, volume -> {
            if (volumes && volume.anonymous() && !isUsedElsewhere(container, volume.name())) {
                container.engine().volumes().removeIfPresent(volume.name());
            }
        });
    }

    /** Removes a container that was being imported, with the volumes that were made for it. */
    static void undoImport(LockedContainer container) throws IOException, InterruptedException {
        String importer = container.config().id().hex();
        remove(container, volume -> {
            if (!isUsedElsewhere(container, volume.name())) {
                container
                        .engine()
                        .volumes()
                        .removeImported(importer, container.config().createdAt(), volume.name());
            }
        });
    }

    /** Removes a volume with its container, or does not. */
    private interface VolumeRemoval {
        void consider(ContainerConfig.NamedVolume volume) throws IOException;
    }

    private static void remove(LockedContainer container, VolumeRemoval volumes)
            throws IOException, InterruptedException {
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
        for (ContainerConfig.NamedVolume volume : container.config().namedVolumes()) {
            volumes.consider(volume);
        }
        container.engine().store().delete(container.config().id());
        container.record(EventStatus.REMOVE);
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

package dev.ctr.lifecycle;

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
        container.save(container
                .state()
                .withStatus(ContainerStatus.REMOVING)
                .withNothingPending()
                .withMounts(0));
        container.tearDown();
        container.save(container.state().withStatus(ContainerStatus.REMOVING));
        if (volumes) {
            for (ContainerConfig.NamedVolume volume : container.config().namedVolumes()) {
                if (volume.anonymous()) {
                    container.engine().volumes().removeIfPresent(volume.name());
                }
            }
        }
        container.engine().store().delete(container.config().id());
    }
}

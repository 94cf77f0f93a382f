package dev.ctr.lifecycle;

import java.util.Collection;
import java.util.Collections;

/** How a pod is, as libpod derives it from its containers (libpod/pod_status.go). */
public enum PodStatus {
    /** Nothing of it was ever started. */
    CREATED("Created"),
    RUNNING("Running"),
    /** Some of its containers run, others do not. */
    DEGRADED("Degraded"),
    PAUSED("Paused"),
    /** None runs; some have ended. */
    STOPPED("Stopped"),
    /** All have ended. */
    EXITED("Exited"),
    ERRORED("Error");

    private final String word;

    PodStatus(String word) {
        this.word = word;
    }

    /** The word for it in output and filters. */
    public String word() {
        return word;
    }

    static PodStatus of(Collection<ContainerStatus> containers) {
        int all = containers.size();
        int running = Collections.frequency(containers, ContainerStatus.RUNNING);
        int paused = Collections.frequency(containers, ContainerStatus.PAUSED);
        int ended = Collections.frequency(containers, ContainerStatus.STOPPED)
                + Collections.frequency(containers, ContainerStatus.EXITED);
        int created = Collections.frequency(containers, ContainerStatus.CONFIGURED)
                + Collections.frequency(containers, ContainerStatus.CREATED);
        if (all == created) {
            return CREATED;
        }
        if (running > 0) {
            return running == all ? RUNNING : DEGRADED;
        }
        if (paused == all) {
            return PAUSED;
        }
        if (ended > 0) {
            return ended == all ? EXITED : STOPPED;
        }
        return running + paused + ended + created < all ? ERRORED : CREATED;
    }
}

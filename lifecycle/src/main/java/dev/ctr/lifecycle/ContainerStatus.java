package dev.ctr.lifecycle;

/** The states of a container, as libpod names them. */
public enum ContainerStatus {
    /** Its state file is damaged; the next call that locks it finds out from the runtime. */
    UNKNOWN("unknown"),
    /** Exists in the store only. */
    CONFIGURED("created"),
    /** Made in the runtime, with conmon waiting; its program has not been started. */
    CREATED("initialized"),
    RUNNING("running"),
    PAUSED("paused"),
    /** Was asked to stop and has not ended yet. */
    STOPPING("stopping"),
    /** Has ended; its mounts and network still stand. */
    STOPPED("stopped"),
    /** Has ended and was cleaned up. */
    EXITED("exited"),
    /** Is being removed, or its removal was interrupted. */
    REMOVING("removing");

    private final String word;

    ContainerStatus(String word) {
        this.word = word;
    }

    /** The word for it in output and error messages. */
    public String word() {
        return word;
    }

    /** The state that a word stands for; UNKNOWN for a word that is none. */
    public static ContainerStatus ofWord(String word) {
        for (ContainerStatus status : values()) {
            if (status.word.equals(word)) {
                return status;
            }
        }
        return UNKNOWN;
    }

    /** Whether its processes exist in the runtime. */
    public boolean isAlive() {
        return this == RUNNING || this == PAUSED || this == STOPPING;
    }

    /** Whether it has run and ended, cleaned up or not. */
    public boolean hasEnded() {
        return this == STOPPED || this == EXITED;
    }

    boolean canInit() {
        return this == CONFIGURED || this == STOPPED || this == EXITED;
    }

    boolean canStart() {
        return canInit() || this == CREATED;
    }

    boolean canStop() {
        return this == CREATED || this == RUNNING || this == STOPPING;
    }

    boolean canRestart() {
        return canStart() || this == RUNNING;
    }

    boolean canKill() {
        return isAlive();
    }

    boolean canCheckpoint() {
        return this == RUNNING || this == PAUSED;
    }

    boolean canRestore() {
        return this == CONFIGURED || this == EXITED;
    }

    boolean canCleanUp() {
        return canStart() || this == STOPPING;
    }
}

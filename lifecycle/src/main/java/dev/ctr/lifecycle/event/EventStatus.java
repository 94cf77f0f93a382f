package dev.ctr.lifecycle.event;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What happened, in libpod's words (podman-events(1)), and one of ctr's own. */
public enum EventStatus {
    ATTACH,
    AUTO_UPDATE("auto-update"),
    CHECKPOINT,
    CLEANUP,
    COMMIT,
    CONNECT,
    CREATE,
    /** A container's program has ended. */
    DIED,
    DISCONNECT,
    EXEC,
    EXEC_DIED,
    EXPORT,
    HEALTH_STATUS,
    IMPORT,
    INIT,
    KILL,
    /** Images were loaded from an archive. */
    LOAD("loadfromarchive"),
    /** A migration of a container has come to another state, which the event's attributes name. */
    MIGRATE,
    MOUNT,
    PAUSE,
    PRUNE,
    PULL,
    PUSH,
    REFRESH,
    REMOVE,
    RENAME,
    RENUMBER,
    RESTART,
    RESTORE,
    ROTATE,
    SAVE,
    START,
    STOP,
    SYNC,
    TAG,
    UNMOUNT,
    UNPAUSE,
    UNTAG,
    UPDATE;

    private final String word;

    EventStatus() {
        this.word = name().toLowerCase(Locale.ROOT);
    }

    EventStatus(String word) {
        this.word = word;
    }

    /** The word for it in output, filters and the journal. */
    public String word() {
        return word;
    }

    /** The status of this word. */
    public static Optional<EventStatus> of(String word) {
        return Arrays.stream(values())
                .filter(status -> status.word.equals(word))
                .findFirst();
    }
}

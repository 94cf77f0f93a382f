package dev.ctr.lifecycle.event;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What kind of thing an event is about, as libpod names them. */
public enum EventType {
    CONTAINER,
    IMAGE,
    NETWORK,
    POD,
    SYSTEM,
    VOLUME;

    /** The word for it in output, filters and the journal. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The type of this word. */
    public static Optional<EventType> of(String word) {
        return Arrays.stream(values()).filter(type -> type.word().equals(word)).findFirst();
    }
}

package dev.ctr.criu.memory;

import dev.ctr.criu.linux.MemoryFeatures;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How changed pages are to be found. */
public enum TrackerChoice {
    /** The best that the kernel offers. */
    AUTO,
    /** The kernel marks written pages. */
    SOFT_DIRTY,
    /** The kernel write-protects pages for a userfaultfd. */
    UFFD_WP,
    /** Pages are compared with what was saved of them. */
    CONTENT;

    /** As it is written on the command line, such as {@code soft-dirty}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The choice with this word. */
    public static Optional<TrackerChoice> of(String word) {
        return Arrays.stream(values())
                .filter(choice -> choice.word().equals(word))
                .findFirst();
    }

    /** All words, as in {@code auto|soft-dirty}. */
    public static String words() {
        return Arrays.stream(values()).map(TrackerChoice::word).collect(Collectors.joining("|"));
    }

    /**
     * What is used on this kernel: {@link #SOFT_DIRTY} or {@link #CONTENT}.
     *
     * @throws IOException with a sentence if this one cannot be used here
     */
    public TrackerChoice resolve() throws IOException {
        return switch (this) {
            case AUTO -> MemoryFeatures.softDirty() ? SOFT_DIRTY : CONTENT;
            case SOFT_DIRTY -> {
                if (!MemoryFeatures.softDirty()) {
                    throw new IOException("this kernel has no soft-dirty marks (CONFIG_MEM_SOFT_DIRTY);"
                            + " give --tracker content, or none");
                }
                yield SOFT_DIRTY;
            }
            case UFFD_WP ->
                throw new IOException("ctr does not have the tracker uffd-wp yet; give --tracker "
                        + (MemoryFeatures.softDirty() ? "soft-dirty" : "content") + ", or none");
            case CONTENT -> CONTENT;
        };
    }

    /** The tracker of a choice that is resolved. */
    Tracker tracker() {
        return this == SOFT_DIRTY ? new SoftDirtyTracker() : new ContentTracker();
    }
}

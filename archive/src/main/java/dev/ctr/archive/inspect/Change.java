package dev.ctr.archive.inspect;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Something that one checkpoint has and the other has not, or has differently.
 *
 * @param kind which
 * @param subject what
 * @param before how the first has it, empty if it has not
 * @param after how the second has it, empty if it has not
 */
public record Change(Kind kind, String subject, String before, String after) {
    /** How something changed from the first checkpoint to the second. */
    public enum Kind {
        /** Only the second has it. */
        ADDED,
        /** Both have it, and it differs. */
        CHANGED,
        /** Only the first has it. */
        REMOVED
    }

    /** How something is told. */
    @FunctionalInterface
    interface Telling<V> {
        String tell(V value);
    }

    /** Compares by key, in the order of the keys. */
    static <K extends Comparable<K>, V> List<Change> between(
            Map<K, V> first, Map<K, V> second, Telling<K> subject, Telling<V> telling) {
        SortedSet<K> keys = new TreeSet<>(first.keySet());
        keys.addAll(second.keySet());
        List<Change> changes = new ArrayList<>();
        for (K key : keys) {
            V before = first.get(key);
            V after = second.get(key);
            String name = subject.tell(key);
            if (before == null && after != null) {
                changes.add(new Change(Kind.ADDED, name, "", telling.tell(after)));
            } else if (after == null && before != null) {
                changes.add(new Change(Kind.REMOVED, name, telling.tell(before), ""));
            } else if (before != null && after != null && !before.equals(after)) {
                changes.add(new Change(Kind.CHANGED, name, telling.tell(before), telling.tell(after)));
            }
        }
        return changes;
    }

    /** Compares two listings of files. */
    static List<Change> ofFiles(SortedMap<String, FileState> first, SortedMap<String, FileState> second) {
        return between(first, second, path -> path, Change::tell);
    }

    private static String tell(FileState state) {
        return state.entry()
                .map(entry -> switch (entry.kind()) {
                    case DIRECTORY -> "directory";
                    case LINK -> "link to " + entry.linkName();
                    case HARD_LINK -> "another name of " + entry.linkName();
                    case SPECIAL -> "device or pipe";
                    case FILE -> state.size() + " B";
                })
                .orElse("deleted");
    }
}

package dev.ctr.archive;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of the levels of a chain of pre-checkpoints, in an archive as in a container's bundle: {@code pre-checkpoint/}, which
 * podman has too, then {@code pre-checkpoint-2/} and so on. Each but the first has a link {@code parent} to the one before, as the
 * checkpoint itself has to the last; by it CRIU finds what a level leaves to its predecessors.
 */
public final class CheckpointLevels {
    /** The link in a level, and in the checkpoint. */
    public static final String PARENT = "parent";

    private static final String FIRST = "pre-checkpoint";
    private static final Pattern DIRECTORY = Pattern.compile(FIRST + "(?:-([2-9]|[1-9]\\d{1,3}))?");
    private static final String UP = "../";

    private CheckpointLevels() {}

    /** The directory of a level, counted from 1, without a slash. */
    public static String directory(int level) {
        return level == 1 ? FIRST : FIRST + "-" + level;
    }

    /** Which level a directory is, if it is one. */
    public static OptionalInt level(String directory) {
        Matcher matcher = DIRECTORY.matcher(directory);
        if (!matcher.matches()) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(matcher.group(1) == null ? 1 : Integer.parseInt(matcher.group(1)));
    }

    /** What the link {@link #PARENT} of a level's successor says. */
    public static String link(int level) {
        return UP + directory(level);
    }

    /** Which level a link {@link #PARENT} leads to, if it is such a link. */
    public static OptionalInt linkedLevel(String target) {
        return target.startsWith(UP) ? level(target.substring(UP.length())) : OptionalInt.empty();
    }

    /**
     * Whether an archive may have this symbolic link: from a level to the one before it, or from the checkpoint to a level.
     *
     * @param name the link's own name, such as {@code checkpoint/parent}
     */
    public static boolean mayLink(String name, String target) {
        int slash = name.indexOf('/');
        OptionalInt to = linkedLevel(target);
        if (slash < 0 || to.isEmpty() || !name.substring(slash + 1).equals(PARENT)) {
            return false;
        }
        String from = name.substring(0, slash + 1);
        OptionalInt level = level(name.substring(0, slash));
        return from.equals(ArchiveEntries.CHECKPOINT) || (level.isPresent() && level.getAsInt() == to.getAsInt() + 1);
    }
}

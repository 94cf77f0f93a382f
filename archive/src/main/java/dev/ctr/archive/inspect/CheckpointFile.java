package dev.ctr.archive.inspect;

import dev.ctr.archive.ArchiveEntries;
import dev.ctr.archive.CheckpointLevels;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of a directory of CRIU images in an archive.
 *
 * @param level the directory: {@code checkpoint}, or {@code pre-checkpoint} with or without a number
 * @param name the file's own name
 */
record CheckpointFile(String level, String name) {
    private static final Pattern FORM = Pattern.compile("([a-z0-9-]{1,50})/([A-Za-z0-9_.-]{1,200})");

    /** None for anything that lies elsewhere, or is called as no image is. */
    static Optional<CheckpointFile> of(String entry) {
        Matcher matcher = FORM.matcher(entry);
        return matcher.matches() && isLevel(matcher.group(1))
                ? Optional.of(new CheckpointFile(matcher.group(1), matcher.group(2)))
                : Optional.empty();
    }

    private static boolean isLevel(String directory) {
        return ArchiveEntries.CHECKPOINT.equals(directory + "/")
                || CheckpointLevels.level(directory).isPresent();
    }

    /** Whether it holds memory. */
    boolean hasPages() {
        return name.startsWith("pages-");
    }
}

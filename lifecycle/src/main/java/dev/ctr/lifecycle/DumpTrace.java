package dev.ctr.lifecycle;

import dev.ctr.lifecycle.storage.RootFilesystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a dump itself changes in a container's own layer: CRIU makes a directory in the container's /tmp, to look at file
 * systems below others from there, and removes it again (CRIU, criu/mount.c, {@code get_clean_mnt}). The overlay then has a
 * copy of /tmp that differs by its times alone, which is no change of the container's.
 */
final class DumpTrace {
    private static final String PLACE = "/tmp";
    private static final String ATTRIBUTES = "unix:mode,uid,gid";

    private final RootFilesystem root;
    private final boolean possible;

    private DumpTrace(RootFilesystem root, boolean possible) {
        this.root = root;
        this.possible = possible;
    }

    /** To be called before the dump. */
    static DumpTrace before(RootFilesystem root) {
        return new DumpTrace(root, !root.plain() && !isThere(in(root.upper())));
    }

    private static Path in(Path layer) {
        return layer.resolve(PLACE.substring(1));
    }

    private static boolean isThere(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** The directories that have changed by the dump alone. */
    Set<String> places() throws IOException {
        if (!possible || !Files.isDirectory(in(root.upper()), LinkOption.NOFOLLOW_LINKS)) {
            return Set.of();
        }
        Optional<Path> below = root.lower().stream()
                .map(DumpTrace::in)
                .filter(DumpTrace::isThere)
                .findFirst();
        boolean unchanged = below.isPresent() && attributes(below.get()).equals(attributes(in(root.upper())));
        return unchanged && isEmpty(in(root.upper())) ? Set.of(PLACE) : Set.of();
    }

    private static Map<String, Object> attributes(Path path) throws IOException {
        return Files.readAttributes(path, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        }
    }
}

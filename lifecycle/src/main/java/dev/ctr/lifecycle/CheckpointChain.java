package dev.ctr.lifecycle;

import dev.ctr.archive.CheckpointLevels;
import dev.ctr.archive.LevelRecord;
import dev.ctr.criu.linux.Trees;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The levels of pre-checkpoints in a container's bundle, each resting on the one before. A chain belongs to one run of the
 * program, whose state names it: what is left of an earlier one does not count. A level appears under its name when it is
 * complete. The levels stay while the chain is the present one or a checkpoint in the bundle rests on them.
 */
final class CheckpointChain {
    private static final String INCOMPLETE = "pre-checkpoint.incomplete";
    private static final int ID_WORDS = 2;

    private final ContainerPaths paths;
    private final String id;
    private final int depth;

    private CheckpointChain(ContainerPaths paths, String id, int depth) {
        this.paths = paths;
        this.id = id;
        this.depth = depth;
    }

    /** The chain of a container, with no level if it has none yet. */
    static CheckpointChain of(LockedContainer container) throws IOException {
        Optional<String> id = container.state().chain();
        if (id.isEmpty()) {
            return begin(container.paths());
        }
        int depth = 0;
        while (holds(container.paths(), id.get(), depth + 1)) {
            depth++;
        }
        return depth == 0 ? begin(container.paths()) : new CheckpointChain(container.paths(), id.get(), depth);
    }

    private static CheckpointChain begin(ContainerPaths paths) {
        StringBuilder id = new StringBuilder();
        for (int i = 0; i < ID_WORDS; i++) {
            id.append(HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()));
        }
        return new CheckpointChain(paths, id.toString(), 0);
    }

    private static boolean holds(ContainerPaths paths, String id, int level) throws IOException {
        return LevelRecord.read(directory(paths, level))
                .filter(record -> record.chain().equals(id) && record.level() == level)
                .isPresent();
    }

    String id() {
        return id;
    }

    /** How many levels there are. */
    int depth() {
        return depth;
    }

    Path directory(int level) {
        return directory(paths, level);
    }

    private static Path directory(ContainerPaths paths, int level) {
        return paths.bundle().resolve(CheckpointLevels.directory(level));
    }

    /** The digest of a level; empty for the one before the first. */
    Optional<String> digest(int level) throws IOException {
        return level == 0 ? Optional.empty() : Optional.of(LevelRecord.digest(directory(level)));
    }

    /** Whether a new chain takes the place of one that a checkpoint in the bundle rests on. */
    boolean replacesCheckpoint() {
        return depth == 0 && isNeeded(paths);
    }

    /** An empty directory for the next level. The first level of a new chain makes an end of what is left of others. */
    Path prepareNext() throws IOException {
        deleteIncomplete(paths);
        if (depth == 0) {
            if (replacesCheckpoint()) {
                CheckpointFiles.deleteImages(paths);
            }
            deleteUnneeded(paths);
        }
        return Files.createDirectory(incomplete(paths));
    }

    /** Describes the level that was prepared, and lets it appear. */
    CheckpointChain complete() throws IOException {
        Path directory = incomplete(paths);
        LevelRecord.of(id, depth + 1, digest(depth), directory).write(directory);
        Files.move(directory, directory(depth + 1));
        return new CheckpointChain(paths, id, depth + 1);
    }

    /** The chain without its last level, which is deleted. */
    void deleteLast() throws IOException {
        Files.move(directory(depth), incomplete(paths));
        deleteIncomplete(paths);
    }

    /** Deletes the levels above one of the present chain, unless a checkpoint in the bundle rests on them. */
    static void cut(LockedContainer container, int kept) throws IOException {
        CheckpointChain chain = of(container);
        if (isNeeded(chain.paths)) {
            return;
        }
        for (int depth = chain.depth; depth > kept; depth--) {
            new CheckpointChain(chain.paths, chain.id, depth).deleteLast();
        }
    }

    /** Deletes a level that was not completed. */
    static void deleteIncomplete(ContainerPaths paths) throws IOException {
        Trees.delete(incomplete(paths));
    }

    private static Path incomplete(ContainerPaths paths) {
        return paths.bundle().resolve(INCOMPLETE);
    }

    /** Whether a checkpoint in the bundle rests on the levels. */
    private static boolean isNeeded(ContainerPaths paths) {
        return Files.exists(paths.checkpoint().resolve(CheckpointLevels.PARENT), LinkOption.NOFOLLOW_LINKS);
    }

    /** Deletes all levels, unless a checkpoint in the bundle rests on them. */
    static void deleteUnneeded(ContainerPaths paths) throws IOException {
        deleteIncomplete(paths);
        if (isNeeded(paths) || !Files.isDirectory(paths.bundle())) {
            return;
        }
        List<Path> levels = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(paths.bundle())) {
            for (Path entry : entries) {
                if (CheckpointLevels.level(String.valueOf(entry.getFileName())).isPresent()) {
                    levels.add(entry);
                }
            }
        }
        for (Path level : levels) {
            Trees.delete(level);
        }
    }
}

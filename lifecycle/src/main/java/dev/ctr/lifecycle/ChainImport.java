package dev.ctr.lifecycle;

import dev.ctr.archive.ArchiveEntries;
import dev.ctr.archive.ArchiveManifest;
import dev.ctr.archive.CheckpointArchiveReader;
import dev.ctr.archive.CheckpointLevels;
import dev.ctr.archive.LevelRecord;
import dev.ctr.archive.UnpackedArchive;
import dev.ctr.criu.image.CriuImageException;
import dev.ctr.criu.linux.Trees;
import dev.ctr.criu.memory.ChainCoverage;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Brings together the levels that an archive's checkpoint rests on, from the archive itself and from further ones in any order,
 * and makes sure that they are all there and belong together. Nothing but the directory of the unpacked archive is touched.
 */
final class ChainImport {
    private static final String UNPACKED = ".previous";

    private final UnpackedArchive archive;

    /** The level that the checkpoint's link leads to; 0 if it rests on none. */
    private final int last;

    private final Optional<LevelRecord> ending;

    /** Which archive a level is from. */
    private final Map<Integer, UnpackedArchive> sources = new TreeMap<>();

    ChainImport(UnpackedArchive archive) throws IOException {
        this.archive = archive;
        this.last = linkedLevel(archive.file(ArchiveEntries.CHECKPOINT));
        this.ending = LevelRecord.read(archive.file(ArchiveEntries.CHECKPOINT));
        for (int level : levelsIn(archive.directory())) {
            sources.put(level, archive);
        }
    }

    /**
     * Takes levels from further archives, and checks the chain.
     *
     * @return the further archives; what they were unpacked into is gone
     * @throws EngineException with BAD_ARCHIVE or INVALID_ARGUMENT, naming the level and the archive
     */
    List<UnpackedArchive> complete(RestoreOptions options) throws IOException {
        if (last == 0 && !options.importPrevious.isEmpty()) {
            throw new EngineException(
                    EngineException.Code.INVALID_ARGUMENT,
                    "the checkpoint in " + archive.source()
                            + " rests on no pre-checkpoint: leave out --import-previous");
        }
        List<UnpackedArchive> previous = new ArrayList<>();
        for (Path file : options.importPrevious) {
            previous.add(take(file, options));
        }
        if (last > 0) {
            check();
        }
        return previous;
    }

    private UnpackedArchive take(Path file, RestoreOptions options) throws IOException {
        Path directory = archive.directory().resolve(UNPACKED);
        Files.createDirectory(directory);
        try (CheckpointArchiveReader reader =
                CheckpointArchiveReader.open(file, options.identities, options.policy.limits())) {
            UnpackedArchive previous = reader.unpackTo(directory);
            List<Integer> levels = levelsIn(directory);
            if (levels.isEmpty()) {
                throw bad(file + " holds no pre-checkpoint: give it with --import, not with --import-previous");
            }
            for (int level : levels) {
                take(level, previous);
            }
            return previous;
        } finally {
            Trees.delete(directory);
        }
    }

    private void take(int level, UnpackedArchive previous) throws IOException {
        Path directory = previous.file(CheckpointLevels.directory(level));
        Optional<LevelRecord> record = LevelRecord.read(directory);
        checkChain(level, record, previous.source());
        if (level > last) {
            throw bad("level " + level + " in " + previous.source() + " does not belong to the checkpoint in "
                    + archive.source() + ", which rests on " + levels(last));
        }
        Path place = archive.file(CheckpointLevels.directory(level));
        UnpackedArchive other = sources.putIfAbsent(level, previous);
        if (other == null) {
            Files.move(directory, place);
        } else if (record.isPresent()
                && LevelRecord.read(place).isPresent()
                && !LevelRecord.digest(directory).equals(LevelRecord.digest(place))) {
            throw bad("level " + level + " in " + previous.source() + " is another one than that in " + other.source());
        }
    }

    private void checkChain(int level, Optional<LevelRecord> record, String source) {
        if (record.isPresent()
                && ending.isPresent()
                && !record.get().chain().equals(ending.get().chain())) {
            throw bad("level " + level + " in " + source + " does not belong to the checkpoint in " + archive.source()
                    + ": it is of chain " + record.get().chain() + ", the checkpoint of chain "
                    + ending.get().chain());
        }
    }

    private void check() throws IOException {
        List<Integer> missing = new ArrayList<>();
        for (int level = last; level > 0; level--) {
            if (!sources.containsKey(level)) {
                missing.add(0, level);
            }
        }
        if (!missing.isEmpty()) {
            throw bad("the checkpoint in " + archive.source() + " rests on " + levels(last) + " of "
                    + ending.map(end -> "chain " + end.chain()).orElse("its chain") + ", but "
                    + missing.stream().map(level -> "level " + level).collect(Collectors.joining(" and "))
                    + (missing.size() == 1 ? " is" : " are")
                    + " in none of the archives: give the archive that holds it with --import-previous");
        }
        Optional<LevelRecord> above = ending;
        for (int level = last; level > 0; level--) {
            above = check(level, above);
        }
        try {
            ChainCoverage.check(archive.file(ArchiveEntries.CHECKPOINT));
        } catch (CriuImageException e) {
            throw new EngineException(
                    EngineException.Code.BAD_ARCHIVE,
                    "the checkpoint in " + archive.source() + " does not fit its chain: " + e.getMessage(),
                    e);
        }
    }

    /** Checks that a level is the one that the level above it rests on, and returns its record. */
    private Optional<LevelRecord> check(int level, Optional<LevelRecord> above) throws IOException {
        Path directory = archive.file(CheckpointLevels.directory(level));
        Optional<LevelRecord> record = LevelRecord.read(directory);
        checkChain(level, record, source(level));
        if (level > 1 && linkedLevel(directory) == 0) {
            throw bad("level " + level + " in " + source(level)
                    + " has no link to the level before: its archive is damaged");
        }
        if (above.isEmpty()) {
            return record;
        }
        if (record.isEmpty()
                || record.get().level() != level
                || !LevelRecord.digest(directory).equals(above.get().parent())) {
            throw bad("level " + level + " in " + source(level) + " is not the one that level " + (level + 1) + " in "
                    + source(level + 1) + " rests on: its digest is another one");
        }
        Optional<String> difference = record.get().difference(images(level, directory));
        if (difference.isPresent()) {
            throw bad("level " + level + " in " + source(level) + " is damaged: " + difference.get()
                    + " is not as it was written");
        }
        return record;
    }

    /** A level's images with their digests: what a manifest says of them was verified when the archive was unpacked. */
    private Map<String, String> images(int level, Path directory) throws IOException {
        Optional<ArchiveManifest> manifest =
                sources.getOrDefault(level, archive).manifest();
        if (manifest.isEmpty()) {
            return LevelRecord.digests(directory);
        }
        String prefix = CheckpointLevels.directory(level) + "/";
        Map<String, String> images = new TreeMap<>();
        for (ArchiveManifest.Entry entry : manifest.get().entries()) {
            if (entry.name().startsWith(prefix)
                    && !entry.sha256().isEmpty()
                    && !entry.name().equals(prefix + LevelRecord.FILE)) {
                images.put(entry.name().substring(prefix.length()), entry.sha256());
            }
        }
        return images;
    }

    private String source(int level) {
        return sources.getOrDefault(level, archive).source();
    }

    private static String levels(int last) {
        return last == 1 ? "level 1" : "the levels 1 to " + last;
    }

    private static EngineException bad(String message) {
        return new EngineException(EngineException.Code.BAD_ARCHIVE, message);
    }

    private static int linkedLevel(Path directory) throws IOException {
        Path link = directory.resolve(CheckpointLevels.PARENT);
        if (!Files.isSymbolicLink(link)) {
            return 0;
        }
        OptionalInt level =
                CheckpointLevels.linkedLevel(Files.readSymbolicLink(link).toString());
        return level.orElse(0);
    }

    private static List<Integer> levelsIn(Path directory) throws IOException {
        List<Integer> levels = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                OptionalInt level = CheckpointLevels.level(String.valueOf(entry.getFileName()));
                if (level.isPresent() && Files.isDirectory(entry)) {
                    levels.add(level.getAsInt());
                }
            }
        }
        levels.sort(null);
        return levels;
    }
}

package dev.ctr.archive;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.ctr.archive.ArchiveException.Code;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a level of a chain of pre-checkpoints is, as the file {@value #FILE} in its directory; the checkpoint that ends the chain
 * has one too. A level's digest is that of this file, which holds the digests of the level's other files and of the level before:
 * so a digest stands for all content of the chain up to there, as in a Merkle tree.
 *
 * @param chain what all levels of the chain have in common: 32 hexadecimal digits
 * @param level counted from 1; the checkpoint that ends the chain is one above the last pre-checkpoint
 * @param parent the digest of the level before; null for the first
 * @param files the level's images and their SHA-256 digests in hexadecimal; empty for the checkpoint that ends the chain
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LevelRecord(String chain, int level, @Nullable String parent, SortedMap<String, String> files) {
    /** The name of the file. */
    public static final String FILE = "ctr.level.json";

    /** A container has at most some thousand tasks. */
    private static final long LARGEST = 16 << 20;

    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern CHAIN = Pattern.compile("[0-9a-f]{32}");

    /** Checks the names, which come from archives too. */
    public LevelRecord {
        if (!CHAIN.matcher(String.valueOf(chain)).matches() || level < 1 || (level > 1) == (parent == null)) {
            throw new IllegalArgumentException("no level of a chain is like this");
        }
        files = files == null ? new TreeMap<>() : new TreeMap<>(files);
    }

    /**
     * Describes the images in a directory, reading all of them.
     *
     * @param parent the digest of the level before; empty for the first
     */
    public static LevelRecord of(String chain, int level, Optional<String> parent, Path directory) throws IOException {
        return new LevelRecord(chain, level, parent.orElse(null), digests(directory));
    }

    /** Describes the checkpoint that ends a chain. */
    public static LevelRecord ending(String chain, int level, String parent) {
        return new LevelRecord(chain, level, parent, new TreeMap<>());
    }

    /**
     * Reads a record; empty if the directory has none, as those of other programs.
     *
     * @throws ArchiveException if it is no such record
     */
    public static Optional<LevelRecord> read(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        try {
            if (Files.size(file) > LARGEST) {
                throw new ArchiveException(Code.LIMIT, file + " is too large for a record: do not trust this archive");
            }
            return Optional.of(JSON.readValue(Files.readAllBytes(file), LevelRecord.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JsonProcessingException e) {
            throw new ArchiveException(
                    Code.CORRUPT, file + " does not describe a level of a chain: copy the archive again", e);
        }
    }

    /** Writes the record into a directory, which must not have one. */
    public void write(Path directory) throws IOException {
        Files.write(
                directory.resolve(FILE), JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
    }

    /** The digest of a level that has a record. */
    public static String digest(Path directory) throws IOException {
        return sha256(directory.resolve(FILE));
    }

    /**
     * The first image that is not as the record says, or missing, or not in it.
     *
     * @param found the images that there are, with their digests
     */
    public Optional<String> difference(Map<String, String> found) {
        Map<String, String> others = new TreeMap<>(found);
        for (Map.Entry<String, String> file : files.entrySet()) {
            if (!file.getValue().equals(others.remove(file.getKey()))) {
                return Optional.of(file.getKey());
            }
        }
        return others.keySet().stream().findFirst();
    }

    /** The images in a level's directory, with their digests; all are read. */
    public static SortedMap<String, String> digests(Path directory) throws IOException {
        SortedMap<String, String> digests = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                String name = String.valueOf(file.getFileName());
                if (!name.equals(FILE) && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    digests.put(name, sha256(file));
                }
            }
        }
        return digests;
    }

    private static String sha256(Path file) throws IOException {
        byte[] buffer = new byte[1 << 18];
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}

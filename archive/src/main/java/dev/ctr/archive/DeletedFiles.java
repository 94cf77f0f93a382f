package dev.ctr.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.ctr.archive.ArchiveException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The entry {@link ArchiveEntries#DELETED_FILES}: a JSON array of absolute paths. */
public final class DeletedFiles {
    static final long MAX_SIZE = 64 << 20;

    /** Escapes keep bytes that are no UTF-8, which a path here holds as lone surrogates. */
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private DeletedFiles() {}

    /** The entry's content. */
    public static byte[] toJson(List<String> absolutePaths) throws IOException {
        return JSON.writeValueAsBytes(absolutePaths);
    }

    /**
     * Reads the entry from where an archive was unpacked.
     *
     * @throws ArchiveException if it is not such an array
     */
    public static List<String> read(Path file) throws IOException {
        if (Files.size(file) > MAX_SIZE) {
            throw new ArchiveException(
                    Code.LIMIT, "%s has more than %d bytes: do not trust this archive".formatted(file, MAX_SIZE));
        }
        try {
            List<String> paths = JSON.readValue(Files.readAllBytes(file), new TypeReference<>() {});
            if (paths != null && paths.stream().allMatch(Objects::nonNull)) {
                return List.copyOf(paths);
            }
        } catch (JsonProcessingException e) {
            throw notPaths(file, e);
        }
        throw notPaths(file, null);
    }

    private static ArchiveException notPaths(Path file, @Nullable Throwable cause) {
        return new ArchiveException(Code.CORRUPT, file + " is no JSON array of paths: copy the archive again", cause);
    }
}

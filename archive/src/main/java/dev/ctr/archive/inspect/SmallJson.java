package dev.ctr.archive.inspect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.ctr.archive.ArchivedEntry;
import java.io.IOException;
import java.io.InputStream;

/** Reads the JSON entries of an archive, which describe a container and so do not grow with it. */
final class SmallJson {
    private static final int LARGEST = 64 << 20;

    private SmallJson() {}

    /** The content of an entry. */
    static JsonNode read(ArchivedEntry entry, InputStream content, String source) throws IOException {
        if (entry.size() > LARGEST) {
            throw new IOException(
                    "entry \"%s\" of %s has %d bytes, too many for a description: do not trust this archive"
                            .formatted(entry.name(), source, entry.size()));
        }
        try {
            return new JsonMapper().readTree(content.readNBytes(LARGEST));
        } catch (JsonProcessingException e) {
            throw new IOException(
                    "entry \"%s\" of %s is no JSON: copy the archive again".formatted(entry.name(), source), e);
        }
    }

    static IOException missing(String source, String name) {
        return new IOException(
                "%s has no entry \"%s\": it is no checkpoint archive, or not a whole one".formatted(source, name));
    }
}

package dev.ctr.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ctr.archive.ArchiveException.Code;
import dev.ctr.archive.TarEntry.Kind;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** An {@link ArchiveManifest} as JSON. Reading is strict: what is not exactly of the form is damage. */
final class ManifestJson {
    private static final String FORMAT = "ctr.checkpoint";
    /** A longer one is neither written nor read. */
    static final int MAX_SIZE = 32 << 20;

    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern MODE = Pattern.compile("[0-7]{4}");
    private static final Set<String> KEYS =
            Set.of("format", "version", "writer", "created", "seal", "requires", "chain", "layout", "entries");

    /** Escapes keep names that are no UTF-8, which are lone surrogates here. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ManifestJson() {}

    static ArchiveManifest.Entry entry(TarEntry entry, String sha256) {
        return new ArchiveManifest.Entry(
                entry.name(),
                word(entry.kind()),
                entry.mode(),
                entry.uid(),
                entry.gid(),
                entry.size(),
                entry.modified(),
                entry.linkName(),
                sha256);
    }

    private static String word(Kind kind) {
        return switch (kind) {
            case FILE -> "file";
            case DIRECTORY -> "directory";
            case SYMBOLIC_LINK -> "symlink";
            case HARD_LINK -> "hardlink";
            case CHARACTER_DEVICE -> "character-device";
            case BLOCK_DEVICE -> "block-device";
            case FIFO -> "fifo";
        };
    }

    static byte[] write(
            String writer,
            Instant created,
            ArchiveRequirements requirements,
            Optional<ArchiveChain> chain,
            TarOutput.Listing listing)
            throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("format", FORMAT).put("version", ArchiveManifest.VERSION);
        json.put("writer", writer).put("created", created.toString()).put("seal", Seal.ALGORITHM);
        json.set("requires", requirements(requirements));
        chain.ifPresent(value -> json.set("chain", chain(value)));
        json.putObject("layout").put("size", listing.size()).put("sha256", listing.layout());
        ArrayNode entries = json.putArray("entries");
        listing.entries().forEach(entry -> entries.add(entry(entry)));
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
    }

    private static ObjectNode requirements(ArchiveRequirements requirements) {
        ObjectNode json = JSON.createObjectNode();
        requirements.architecture().ifPresent(value -> json.put("architecture", value));
        if (!requirements.cpuFeatures().isEmpty()) {
            ArrayNode features = json.putArray("cpuFeatures");
            requirements.cpuFeatures().forEach(features::add);
        }
        requirements.criu().ifPresent(value -> json.put("criu", value));
        requirements.kernel().ifPresent(value -> json.put("kernel", value));
        return json;
    }

    private static ObjectNode chain(ArchiveChain chain) {
        ObjectNode json = JSON.createObjectNode();
        json.put("id", chain.id()).put("level", chain.level()).put("lowest", chain.lowest());
        chain.parent().ifPresent(value -> json.put("parent", value));
        return json;
    }

    private static ObjectNode entry(ArchiveManifest.Entry entry) {
        ObjectNode json = JSON.createObjectNode();
        json.put("name", entry.name()).put("kind", entry.kind()).put("mode", "%04o".formatted(entry.mode()));
        json.put("uid", entry.uid()).put("gid", entry.gid());
        json.put("modified", entry.modified().toString());
        if (!entry.link().isEmpty()) {
            json.put("link", entry.link());
        }
        if (!entry.sha256().isEmpty()) {
            json.put("size", entry.size()).put("sha256", entry.sha256());
        }
        return json;
    }

    /**
     * Reads a manifest.
     *
     * @param source the archive, as an error names it
     * @throws ArchiveException if it is none, or of another version
     */
    static ArchiveManifest read(byte[] bytes, String source) throws ArchiveException {
        try {
            JsonNode json = JSON.readTree(bytes);
            require(json.isObject() && FORMAT.equals(json.path("format").asText()), "its format");
            if (json.path("version").asInt() != ArchiveManifest.VERSION) {
                throw new ArchiveException(
                        Code.UNSUPPORTED,
                        "%s is a checkpoint archive of version %s, and this ctr reads version %d: use a newer ctr"
                                .formatted(source, json.path("version"), ArchiveManifest.VERSION));
            }
            requireKeys(json, KEYS);
            require(Seal.ALGORITHM.equals(json.path("seal").asText()), "its kind of seal");
            JsonNode layout = json.path("layout");
            return new ArchiveManifest(
                    text(json, "writer"),
                    instant(json, "created"),
                    readRequirements(json.path("requires")),
                    json.has("chain") ? Optional.of(readChain(json.path("chain"))) : Optional.empty(),
                    number(layout, "size"),
                    digest(layout, "sha256"),
                    readEntries(json.path("entries")),
                    HexFormat.of().formatHex(TarDigests.sha256().digest(bytes)));
        } catch (ArchiveException e) {
            throw e;
        } catch (JsonProcessingException e) {
            throw damaged(source, "it is no JSON", e);
        } catch (IOException | IllegalArgumentException | ArithmeticException | DateTimeException e) {
            throw damaged(source, String.valueOf(e.getMessage()), e);
        }
    }

    private static ArchiveException damaged(String source, String why, Exception cause) {
        return new ArchiveException(
                Code.CORRUPT,
                "the manifest of %s is damaged (%s): copy the archive again".formatted(source, why),
                cause);
    }

    private static List<ArchiveManifest.Entry> readEntries(JsonNode json) {
        require(json.isArray(), "its entries");
        Set<String> known = Set.of("name", "kind", "mode", "uid", "gid", "size", "modified", "link", "sha256");
        List<ArchiveManifest.Entry> entries = new ArrayList<>();
        for (JsonNode entry : json) {
            requireKeys(entry, known);
            String mode = text(entry, "mode");
            require(MODE.matcher(mode).matches(), "a mode");
            boolean isFile = entry.has("sha256");
            entries.add(new ArchiveManifest.Entry(
                    text(entry, "name"),
                    text(entry, "kind"),
                    Integer.parseInt(mode, 8),
                    number(entry, "uid"),
                    number(entry, "gid"),
                    isFile ? number(entry, "size") : 0,
                    instant(entry, "modified"),
                    optional(entry, "link").orElse(""),
                    isFile ? digest(entry, "sha256") : ""));
        }
        return entries;
    }

    private static ArchiveRequirements readRequirements(JsonNode json) {
        requireKeys(json, Set.of("architecture", "cpuFeatures", "criu", "kernel"));
        Set<String> features = new TreeSet<>();
        for (JsonNode feature : json.path("cpuFeatures")) {
            require(feature.isTextual(), "a processor feature");
            features.add(feature.asText());
        }
        return new ArchiveRequirements(
                optional(json, "architecture"), features, optional(json, "criu"), optional(json, "kernel"));
    }

    private static ArchiveChain readChain(JsonNode json) {
        requireKeys(json, Set.of("id", "level", "lowest", "parent"));
        return new ArchiveChain(
                text(json, "id"),
                Math.toIntExact(number(json, "level")),
                Math.toIntExact(number(json, "lowest")),
                json.has("parent") ? Optional.of(digest(json, "parent")) : Optional.empty());
    }

    private static void requireKeys(JsonNode json, Set<String> known) {
        require(json.isObject(), "an object");
        for (Iterator<String> keys = json.fieldNames(); keys.hasNext(); ) {
            String key = keys.next();
            require(known.contains(key), "the unknown key \"" + key + "\"");
        }
    }

    private static Optional<String> optional(JsonNode json, String key) {
        return json.has(key) ? Optional.of(text(json, key)) : Optional.empty();
    }

    private static String text(JsonNode json, String key) {
        require(json.path(key).isTextual(), key);
        return json.path(key).asText();
    }

    private static String digest(JsonNode json, String key) {
        String digest = text(json, key);
        require(DIGEST.matcher(digest).matches(), "a digest");
        return digest;
    }

    private static long number(JsonNode json, String key) {
        require(json.path(key).canConvertToLong() && json.path(key).asLong() >= 0, key);
        return json.path(key).asLong();
    }

    private static Instant instant(JsonNode json, String key) {
        return Instant.parse(text(json, key));
    }

    private static void require(boolean sound, String what) {
        if (!sound) {
            throw new IllegalArgumentException(what + " is not as it must be");
        }
    }
}

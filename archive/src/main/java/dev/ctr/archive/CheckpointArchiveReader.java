package dev.ctr.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.ctr.archive.ArchiveException.Code;
import dev.ctr.archive.TarEntry.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a checkpoint archive, once, from front to back: ctr's and podman's, and those made with any tar, with any compression
 * that {@link Compression#decompress} knows. Trusts nothing in it: only the names of {@link ArchiveEntries} are unpacked, only
 * as files and directories. Not for concurrent use.
 */
public final class CheckpointArchiveReader implements Closeable {
    /** Names are kept until the end of the archive. */
    private static final long MAX_NAMES = 64 << 20;

    /** What may follow the end mark: GNU tar fills up to a whole record, 10 KiB unless told otherwise. */
    private static final long MAX_TRAILER = 64 << 20;

    private final @Nullable SealCheck seal;
    private final InputStream in;
    private final String source;
    private final ExtractionLimits limits;

    private CheckpointArchiveReader(@Nullable SealCheck seal, InputStream in, String source, ExtractionLimits limits) {
        this.seal = seal;
        this.in = in;
        this.source = source;
        this.limits = limits;
    }

    /**
     * Opens an archive.
     *
     * @throws ArchiveException if there is none, or its compression cannot be read here
     */
    public static CheckpointArchiveReader open(Path archive, ExtractionLimits limits) throws IOException {
        return open(archive, Identities.NONE, limits);
    }

    /**
     * As {@link #open(Path, ExtractionLimits)}, for an archive that may be encrypted.
     *
     * @throws ArchiveException if it is and none of the identities opens it
     */
    public static CheckpointArchiveReader open(Path archive, Identities identities, ExtractionLimits limits)
            throws IOException {
        if (Files.isDirectory(archive)) {
            throw new ArchiveException(Code.NOT_AN_ARCHIVE, archive + " is a directory: give a checkpoint archive");
        }
        InputStream file;
        try {
            file = Files.newInputStream(archive);
        } catch (NoSuchFileException e) {
            throw new IOException("cannot read the archive %s: there is no such file".formatted(archive), e);
        }
        try {
            return of(file, archive.toString(), identities, limits);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Reads an archive from a stream, such as standard input, which {@link #close} closes.
     *
     * @param source what the stream is, as an error names it
     * @throws ArchiveException if its compression cannot be read here
     */
    public static CheckpointArchiveReader of(InputStream in, String source, ExtractionLimits limits)
            throws IOException {
        return of(in, source, Identities.NONE, limits);
    }

    /**
     * As {@link #of(InputStream, String, ExtractionLimits)}, for an archive that may be encrypted.
     *
     * @throws ArchiveException if it is and none of the identities opens it
     */
    public static CheckpointArchiveReader of(
            InputStream in, String source, Identities identities, ExtractionLimits limits) throws IOException {
        SealCheck seal = new SealCheck(AgeFormat.decryptIfEncrypted(in, source, identities));
        return new CheckpointArchiveReader(seal, Compression.decompress(seal, source), source, limits);
    }

    /**
     * Reads an archive that is an image's layer: a plain tar without a seal, for whose bytes the image's digests speak.
     *
     * @param tar what {@link #close} closes
     * @param source the image, as an error names it
     */
    public static CheckpointArchiveReader ofLayer(InputStream tar, String source, ExtractionLimits limits) {
        return new CheckpointArchiveReader(null, tar, source, limits);
    }

    /**
     * The container's configuration, without unpacking anything. Reads only as far as that entry, which is near the beginning.
     *
     * @throws ArchiveException if the archive is damaged until there, or has no configuration
     */
    public static JsonNode peek(Path archive) throws IOException {
        return peek(archive, Identities.NONE);
    }

    /** As {@link #peek(Path)}, for an archive that may be encrypted. */
    public static JsonNode peek(Path archive, Identities identities) throws IOException {
        try (CheckpointArchiveReader reader = open(archive, identities, ExtractionLimits.GENEROUS)) {
            return reader.config();
        }
    }

    private JsonNode config() throws IOException {
        TarReader tar = new TarReader(in, source);
        for (Optional<TarEntry> next = tar.next(); next.isPresent(); next = tar.next()) {
            TarEntry entry = next.get();
            if (entry.kind() == Kind.FILE && isConfig(entry.name())) {
                return parse(entry, tar.content());
            }
        }
        throw UnpackedArchive.missing(source, ArchiveEntries.CONFIG_DUMP);
    }

    private boolean isConfig(String name) throws ArchiveException {
        return EntryPath.parse(name, source).value().equals(ArchiveEntries.CONFIG_DUMP);
    }

    private byte[] bounded(TarEntry entry, long limit, InputStream content) throws IOException {
        StagingWriter.refuseLongerThan(limit, entry, source);
        return content.readAllBytes();
    }

    private JsonNode parse(TarEntry entry, InputStream content) throws IOException {
        try {
            JsonNode config = new JsonMapper().readTree(bounded(entry, StagingWriter.MAX_JSON, content));
            if (config.isObject()) {
                return config;
            }
        } catch (JsonProcessingException e) {
            throw notJson(entry, e);
        }
        throw notJson(entry, new IOException("no object"));
    }

    private ArchiveException notJson(TarEntry entry, IOException cause) {
        return new ArchiveException(
                Code.CORRUPT,
                "entry \"%s\" of %s is no JSON object: copy the archive again".formatted(entry.name(), source),
                cause);
    }

    /**
     * Unpacks the archive into a directory, which must be empty and nobody else's. Files belong to who unpacks. Entries of unknown
     * names are left out with a warning; names that no archive may have are an error, as is a second entry of the same name.
     *
     * <p>An archive with a manifest was compared with it when this returns, byte for byte; do not use what is in the directory before.
     *
     * @throws ArchiveException if the archive is damaged, not complete, not safe, too large, or not as its manifest says; what was
     *     unpacked stays, for the caller to delete with the directory
     * @throws IOException if the file system refuses
     */
    public UnpackedArchive unpackTo(Path staging) throws IOException {
        if (!Files.isDirectory(staging, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("cannot unpack %s into %s: it is no directory".formatted(source, staging));
        }
        StagingWriter staged = new StagingWriter(staging, source, limits);
        Contents contents = read(staged::unpack);
        if (!contents.differences().isEmpty()) {
            throw ManifestCheck.error(source, contents.differences());
        }
        return staged.result(contents.manifest());
    }

    /**
     * Reads the archive to its end and compares it with its manifest and its seal. Nothing is written. Damage is part of the result.
     *
     * @throws IOException if the archive cannot be read
     */
    public ArchiveVerification verify() throws IOException {
        ExtractionLimits.Meter meter = limits.new Meter(source);
        try {
            Contents contents = read((entry, content) -> meter.count(entry));
            return new ArchiveVerification(contents.manifest(), contents.differences(), meter.entries(), meter.bytes());
        } catch (ArchiveException e) {
            return new ArchiveVerification(
                    Optional.empty(), List.of(String.valueOf(e.getMessage())), meter.entries(), meter.bytes());
        }
    }

    /** Takes an entry; what it does not read of the content is passed over. */
    private interface EntrySink {
        void take(TarEntry entry, InputStream content) throws IOException;
    }

    private record Contents(Optional<ArchiveManifest> manifest, List<String> differences) {}

    private Contents read(EntrySink sink) throws IOException {
        Optional<ArchiveManifest> manifest = Optional.empty();
        List<String> differences = new ArrayList<>();
        ManifestCheck check = new ManifestCheck();
        long names = 0;
        try (TarDigests digests = new TarDigests()) {
            TarReader tar = new TarReader(in, source, digests);
            for (Optional<TarEntry> next = tar.next(); next.isPresent(); next = tar.next()) {
                TarEntry entry = next.get();
                if (manifest.isPresent()) {
                    throw new ArchiveException(
                            Code.UNSAFE_ENTRY,
                            "entry \"%s\" of %s is behind the manifest, where none may be: do not trust this archive"
                                    .formatted(entry.name(), source));
                }
                if (isManifest(entry)) {
                    byte[] json = bounded(entry, ManifestJson.MAX_SIZE, tar.content());
                    ArchiveManifest found = ManifestJson.read(json, source);
                    differences.addAll(check.differences(found, tar.finishDigests(), tar.entryOffset()));
                    manifest = Optional.of(found);
                } else {
                    names += entry.name().length() + entry.linkName().length();
                    if (names > MAX_NAMES) {
                        throw new ArchiveException(
                                Code.LIMIT,
                                "the names of the entries of %s are longer than %d bytes together: do not trust this archive"
                                        .formatted(source, MAX_NAMES));
                    }
                    check.add(entry);
                    sink.take(entry, tar.content());
                }
            }
            tar.drain(MAX_TRAILER);
        }
        checkSeal(manifest.isPresent(), differences);
        return new Contents(manifest, differences);
    }

    private boolean isManifest(TarEntry entry) throws ArchiveException {
        if (!EntryPath.parse(entry.name(), source).value().equals(ArchiveEntries.MANIFEST)) {
            return false;
        }
        if (entry.kind() != Kind.FILE || !entry.name().equals(ArchiveEntries.MANIFEST)) {
            throw new ArchiveException(
                    Code.UNSAFE_ENTRY,
                    "entry \"%s\" of %s is no manifest as ctr writes it: do not trust this archive"
                            .formatted(entry.name(), source));
        }
        return true;
    }

    private void checkSeal(boolean needed, List<String> differences) throws IOException {
        if (seal == null) {
            return;
        }
        SealCheck.Verdict verdict = seal.finish();
        if (verdict == SealCheck.Verdict.BROKEN) {
            differences.add("its bytes are not those that were sealed");
        } else if (verdict == SealCheck.Verdict.MISSING && needed) {
            differences.add("the seal at its end is missing");
        }
    }

    /** What is done with each entry. */
    @FunctionalInterface
    public interface EntryVisitor {
        /**
         * Takes an entry.
         *
         * @param content its bytes, which need not be read; of no use afterwards
         */
        void visit(ArchivedEntry entry, InputStream content) throws IOException;
    }

    /**
     * Goes through all entries, to the end of the archive, and unpacks nothing. Names that no archive may have are an error;
     * whether the archive is a checkpoint's is left to the visitor. An archive with a manifest was compared with it when this
     * returns; the manifest itself is not handed out to the visitor.
     *
     * @return the manifest
     * @throws ArchiveException if the archive is damaged, not safe, too large, or not as its manifest says
     */
    public Optional<ArchiveManifest> visit(EntryVisitor visitor) throws IOException {
        ExtractionLimits.Meter meter = limits.new Meter(source);
        Contents contents = read((entry, content) -> {
            meter.count(entry);
            String name = EntryPath.parse(entry.name(), source).value();
            visitor.visit(ArchivedEntry.of(name, entry), content);
        });
        if (!contents.differences().isEmpty()) {
            throw ManifestCheck.error(source, contents.differences());
        }
        return contents.manifest();
    }

    /**
     * As {@link #visit(EntryVisitor)}, for a tar inside an archive, which is not compressed and has no manifest of its own.
     *
     * @param source what is read, as an error names it
     */
    public static void visit(InputStream in, String source, ExtractionLimits limits, EntryVisitor visitor)
            throws IOException {
        TarReader tar = new TarReader(in, source);
        ExtractionLimits.Meter meter = limits.new Meter(source);
        for (Optional<TarEntry> next = tar.next(); next.isPresent(); next = tar.next()) {
            TarEntry entry = next.get();
            meter.count(entry);
            String name = EntryPath.parse(entry.name(), source).value();
            visitor.visit(ArchivedEntry.of(name, entry), tar.content());
        }
        tar.drain(MAX_TRAILER);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}

package dev.ctr.archive.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ctr.archive.ArchiveEntries;
import dev.ctr.archive.ArchivedEntry;
import dev.ctr.archive.ArchivedEntry.Kind;
import dev.ctr.archive.CheckpointArchiveReader;
import dev.ctr.archive.CheckpointArchiveReader.EntryVisitor;
import dev.ctr.archive.ExtractionLimits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Gathers which files an archive has, changed or deleted, while its entries go by: root file system, /dev/shm, volumes. */
final class ChangedFiles implements EntryVisitor {
    private static final int MOST = 2_000_000;
    private static final int BUFFER = 1 << 16;

    private final String source;
    private final MessageDigest sha256;
    private final byte[] buffer = new byte[BUFFER];
    private final SortedMap<String, FileState> rootfs = new TreeMap<>();
    private final SortedMap<String, FileState> volumes = new TreeMap<>();

    private ChangedFiles(String source) {
        this.source = source;
        try {
            this.sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static ChangedFiles of(ArchiveSource source) throws IOException {
        ChangedFiles files = new ChangedFiles(source.file().toString());
        try (CheckpointArchiveReader reader = source.open()) {
            reader.visit(files);
        }
        return files;
    }

    /** By absolute path. */
    SortedMap<String, FileState> rootfs() {
        return Collections.unmodifiableSortedMap(rootfs);
    }

    /** By the volume's name, a colon and the path in it. */
    SortedMap<String, FileState> volumes() {
        return Collections.unmodifiableSortedMap(volumes);
    }

    @Override
    public void visit(ArchivedEntry entry, InputStream content) throws IOException {
        if (entry.kind() != Kind.FILE) {
            return;
        }
        String name = entry.name();
        if (name.equals(ArchiveEntries.ROOTFS_DIFF_TAR)) {
            gather(content, name, "/", rootfs);
        } else if (name.equals(ArchiveEntries.DEVSHM_TAR)) {
            gather(content, name, "/dev/shm/", rootfs);
        } else if (name.startsWith(ArchiveEntries.VOLUMES) && name.endsWith(".tar")) {
            String volume = name.substring(ArchiveEntries.VOLUMES.length(), name.length() - ".tar".length());
            gather(content, name, volume + ":/", volumes);
        } else if (name.equals(ArchiveEntries.DELETED_FILES)) {
            for (JsonNode path : SmallJson.read(entry, content, source)) {
                put(rootfs, path.asText(), FileState.DELETED);
            }
        }
    }

    private void gather(InputStream tar, String name, String prefix, SortedMap<String, FileState> files)
            throws IOException {
        CheckpointArchiveReader.visit(tar, name + " of " + source, ExtractionLimits.GENEROUS, (file, content) -> {
            if (!file.name().isEmpty()) {
                put(files, prefix + file.name(), new FileState(Optional.of(file), digest(file, content)));
            }
        });
    }

    private void put(SortedMap<String, FileState> files, String path, FileState state) throws IOException {
        files.put(path, state);
        if (files.size() > MOST) {
            throw new IOException("%s has more than %d changed files, too many to compare".formatted(source, MOST));
        }
    }

    private long digest(ArchivedEntry file, InputStream content) throws IOException {
        if (file.kind() != Kind.FILE) {
            return 0;
        }
        sha256.reset();
        for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
            sha256.update(buffer, 0, read);
        }
        return ByteBuffer.wrap(sha256.digest()).getLong();
    }
}

package dev.ctr.archive;

import dev.ctr.archive.ArchiveException.Code;
import dev.ctr.archive.TarEntry.Kind;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A copy of a directory tree, as the side that receives it keeps it: {@link #apply} takes what {@link TreeCopy#send} has written.
 * Whatever that says, nothing outside the directory is touched, and no more is written than the quota allows. Not
 * for concurrent use.
 */
public final class TreeReplica {
    private static final int LONGEST_HEADER = 8 << 20;
    private static final int LONGEST_HIDDEN = 64 << 20;
    private static final int BUFFER = 1 << 16;

    private final Path root;
    private final String source;
    private final ReplicaQuota quota;
    private List<String> hidden = List.of();
    private boolean arrived;

    /**
     * An empty copy.
     *
     * @param root an empty directory
     * @param source what is received, in the plural, as errors name it
     */
    public TreeReplica(Path root, String source, ReplicaQuota quota) {
        this.root = root;
        this.source = source;
        this.quota = quota;
    }

    /** Where it is. */
    public Path root() {
        return root;
    }

    /** Whether it has ever had anything, were it the attributes of the directory alone. */
    public boolean hasArrived() {
        return arrived;
    }

    /** Absolute paths that are to be deleted where the copy comes to be used, for {@link TarExtractor#deleteInside}. */
    public List<String> hidden() {
        return hidden;
    }

    /**
     * Takes an update, which is read to its end and not beyond.
     *
     * @throws ArchiveException if it is damaged, tries what it may not, or exceeds the limits
     * @throws IOException if the file system refuses
     */
    public void apply(DataInputStream in) throws IOException {
        try {
            for (int kind = in.readUnsignedByte(); kind != TreeRecord.END; kind = in.readUnsignedByte()) {
                switch (kind) {
                    case TreeRecord.DELETE -> delete(TreeRecord.readPath(in));
                    case TreeRecord.TAR -> unpack(in);
                    case TreeRecord.PATCH -> patch(in);
                    case TreeRecord.HIDDEN -> hidden = readHidden(in);
                    default -> throw TreeRecord.bad(source, "there is no record of kind " + kind);
                }
            }
        } catch (EOFException e) {
            throw new ArchiveException(Code.TRUNCATED, source + " end early", e);
        }
    }

    private void delete(String path) throws IOException {
        quota.count(0, 1, source);
        TarExtractor.deleteInside(root, List.of("/" + path));
    }

    private void unpack(InputStream in) throws IOException {
        TarExtractor.Result result = TarExtractor.extract(in, source, root, ExtractionOptions.EXACT.with(quota.left()));
        arrived = true;
        quota.count(result.bytes(), result.entries(), source);
    }

    private void patch(DataInputStream in) throws IOException {
        TarEntry entry = readHeader(in);
        EntryPath path = EntryPath.parse(entry.name(), source);
        if (entry.kind() != Kind.FILE || path.isRoot()) {
            throw TreeRecord.bad(source, "\"%s\" is no file to be changed".formatted(entry.name()));
        }
        try (ConfinedTree tree = ConfinedTree.open(root)) {
            Optional<Path> place = tree.existingPlace(path);
            if (place.isEmpty() || !Files.isRegularFile(place.get(), LinkOption.NOFOLLOW_LINKS)) {
                throw TreeRecord.bad(source, "there is no file \"%s\" to be changed".formatted(entry.name()));
            }
            try (FileChannel file =
                    FileChannel.open(place.get(), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
                quota.count(Math.max(0, entry.size() - file.size()), 1, source);
                writeRuns(in, file, entry);
            }
            new EntryAttributes(tree, ExtractionOptions.EXACT, new ArrayList<>()).apply(path, entry);
        }
    }

    private TarEntry readHeader(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < TarHeaders.BLOCK || length > LONGEST_HEADER) {
            throw TreeRecord.bad(source, "a header has %d bytes".formatted(length));
        }
        byte[] header = in.readNBytes(length);
        InputStream tar = new SequenceInputStream(
                new ByteArrayInputStream(header), new ByteArrayInputStream(new byte[TarHeaders.END_SIZE]));
        return new TarReader(tar, source)
                .next()
                .orElseThrow(() -> TreeRecord.bad(source, "a header describes nothing"));
    }

    private void writeRuns(DataInputStream in, FileChannel file, TarEntry entry) throws IOException {
        if (file.size() > entry.size()) {
            file.truncate(entry.size());
        }
        byte[] buffer = new byte[BUFFER];
        for (long position = in.readLong(); position != FileDifference.END; position = in.readLong()) {
            int length = in.readInt();
            if (position < 0 || length <= 0 || position > entry.size() - length) {
                throw TreeRecord.bad(source, "%d bytes at %d of \"%s\"".formatted(length, position, entry.name()));
            }
            for (int done = 0; done < length; ) {
                int step = Math.min(buffer.length, length - done);
                in.readFully(buffer, 0, step);
                ByteBuffer piece = ByteBuffer.wrap(buffer, 0, step);
                while (piece.hasRemaining()) {
                    file.write(piece, position + done + piece.position());
                }
                done += step;
            }
        }
        if (file.size() < entry.size()) {
            file.write(ByteBuffer.allocate(1), entry.size() - 1);
        }
    }

    private List<String> readHidden(DataInputStream in) throws IOException {
        int count = in.readInt();
        List<String> paths = new ArrayList<>();
        long length = 0;
        for (int i = 0; i < count; i++) {
            String path = TreeRecord.readPath(in);
            length += path.length() + Long.BYTES;
            if (length > LONGEST_HIDDEN) {
                throw new ArchiveException(
                        Code.LIMIT, "%s hide more paths than %d bytes hold".formatted(source, LONGEST_HIDDEN));
            }
            paths.add(path);
        }
        return paths;
    }
}

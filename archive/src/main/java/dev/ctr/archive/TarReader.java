package dev.ctr.archive;

import dev.ctr.archive.ArchiveException.Code;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar archive once from front to back: ustar, pax, GNU and old V7 headers, as GNU tar, Go's archive/tar,
 * libarchive and busybox write them. Anything that is not a complete, sound archive is an {@link ArchiveException}; the
 * end mark of two blocks of zeros must be there. Not for concurrent use; does not own its stream.
 */
final class TarReader {
    /** An extended header larger than this is refused: attributes of one file take some hundred KiB at most. */
    private static final long MAX_EXTENSION = 8 << 20;

    private final InputStream in;
    private final String source;
    private final PaxRecords global = new PaxRecords();
    private final Content content = new Content();
    private final byte[] skipped = new byte[1 << 16];
    private String current = "";
    private long remaining;
    private long padding;
    private boolean started;
    private boolean isFile;
    private long offset;
    private long entryOffset;
    private long extensions;
    private long globalExtensions;
    private @Nullable TarDigests digests;

    /**
     * @param source what is read, as an error names it
     */
    TarReader(InputStream in, String source) {
        this(in, source, null);
    }

    /** As {@link #TarReader(InputStream, String)}; what is read is hashed, with a mark before each entry. */
    TarReader(InputStream in, String source, @Nullable TarDigests digests) {
        this.in = in;
        this.source = source;
        this.digests = digests;
    }

    /** The next entry, after what is left of the one before; empty after the last. */
    Optional<TarEntry> next() throws IOException {
        PaxRecords local = new PaxRecords();
        finishContent();
        beginEntry();
        while (true) {
            byte[] block = new byte[TarHeaders.BLOCK];
            readHeaderBlock(block);
            if (HeaderBlock.isZero(block)) {
                expectSecondEndBlock(block);
                return Optional.empty();
            }
            HeaderBlock header = parse(block);
            started = true;
            if (!isExtension(header, local)) {
                return Optional.of(begin(header, local));
            }
        }
    }

    /** Reads what a header only adds to the entry after it, if it does that. */
    private boolean isExtension(HeaderBlock header, PaxRecords local) throws IOException {
        try {
            switch (header.flag()) {
                case 'x', 'X' -> local.addAll(extension(header));
                case 'g' -> global.addAll(extension(header));
                case 'L' -> local.setName(extension(header));
                case 'K' -> local.setLinkName(extension(header));
                default -> {
                    return false;
                }
            }
            return true;
        } catch (IllegalArgumentException e) {
            throw damaged(e);
        }
    }

    /** The content of the entry that {@link #next} returned last; it ends with the entry. Closing it does nothing. */
    InputStream content() {
        return content;
    }

    /** The digests of all before the entry that {@link #next} returned last, after which nothing is hashed any more. */
    TarDigests.Result finishDigests() throws IOException {
        if (digests == null) {
            throw new IllegalStateException("nothing was hashed");
        }
        TarDigests.Result result = digests.finish();
        digests = null;
        return result;
    }

    /** Where the headers of the entry that {@link #next} returned last begin, in bytes from the start. */
    long entryOffset() {
        return entryOffset;
    }

    /** Reads the stream to its end, so that the compression's own checksums are verified as well. */
    void drain(long limit) throws IOException {
        long total = 0;
        for (int read = in.read(skipped); read >= 0; read = in.read(skipped)) {
            total += read;
            if (total > limit) {
                throw new ArchiveException(
                        Code.LIMIT,
                        "%s goes on for more than %d bytes after its end: it is no checkpoint"
                                .formatted(source, limit));
            }
        }
    }

    private void beginEntry() throws IOException {
        extensions = 0;
        entryOffset = offset;
        if (digests != null) {
            digests.mark();
        }
    }

    private void hashLayout(byte[] bytes, int length) throws IOException {
        offset += length;
        if (digests != null) {
            digests.layout(bytes, 0, length);
        }
    }

    private TarEntry begin(HeaderBlock header, PaxRecords local) throws ArchiveException {
        try {
            TarEntry entry = header.entry(global.with(local), source);
            current = entry.name();
            isFile = entry.kind() == TarEntry.Kind.FILE;
            remaining = entry.size();
            padding = TarHeaders.padded(remaining) - remaining;
            return entry;
        } catch (ArchiveException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw damaged(e);
        }
    }

    private HeaderBlock parse(byte[] block) throws ArchiveException {
        try {
            return HeaderBlock.parse(block);
        } catch (IllegalArgumentException e) {
            if (started) {
                throw damaged(e);
            }
            throw new ArchiveException(
                    Code.NOT_AN_ARCHIVE,
                    "%s is no tar archive, compressed or not: copy it again, or give a checkpoint archive"
                            .formatted(source),
                    e);
        }
    }

    private byte[] extension(HeaderBlock header) throws IOException {
        boolean isGlobal = header.flag() == 'g';
        long size = header.size();
        extensions += isGlobal ? 0 : size;
        globalExtensions += isGlobal ? size + 1 : 0;
        if (size > MAX_EXTENSION || extensions > MAX_EXTENSION || globalExtensions > MAX_EXTENSION) {
            throw new ArchiveException(
                    Code.LIMIT,
                    "%s has an extended header of %d bytes after entry \"%s\", more than any file needs: it is damaged or hostile"
                            .formatted(source, size, current));
        }
        byte[] body = in.readNBytes((int) TarHeaders.padded(size));
        if (body.length < TarHeaders.padded(size)) {
            throw truncated();
        }
        hashLayout(body, body.length);
        return Arrays.copyOf(body, (int) size);
    }

    private void finishContent() throws IOException {
        int read;
        do {
            read = content.read(skipped, 0, skipped.length);
        } while (read >= 0);
        if (in.readNBytes(skipped, 0, (int) padding) < padding) {
            throw truncated();
        }
        hashLayout(skipped, (int) padding);
        padding = 0;
        if (digests != null && isFile) {
            digests.endContent();
        }
        isFile = false;
    }

    private void readHeaderBlock(byte[] block) throws IOException {
        int read = in.readNBytes(block, 0, block.length);
        if (read == block.length) {
            hashLayout(block, read);
            return;
        }
        if (started) {
            throw truncated();
        }
        throw new ArchiveException(
                Code.NOT_AN_ARCHIVE,
                "%s is %s: copy it again, or give a checkpoint archive"
                        .formatted(source, read == 0 ? "empty" : "too short for an archive"));
    }

    private void expectSecondEndBlock(byte[] block) throws IOException {
        if (in.readNBytes(block, 0, block.length) < block.length) {
            throw truncated();
        }
        if (!HeaderBlock.isZero(block)) {
            throw damaged(new IllegalArgumentException("something follows its end mark"));
        }
    }

    private ArchiveException truncated() {
        String where = current.isEmpty() ? "before its first entry" : "in or after entry \"" + current + "\"";
        return new ArchiveException(
                Code.TRUNCATED, "%s ends %s: it was not copied completely; copy it again".formatted(source, where));
    }

    private ArchiveException damaged(IllegalArgumentException reason) {
        String where = current.isEmpty() ? "its first entry" : "what follows entry \"" + current + "\"";
        return new ArchiveException(
                Code.CORRUPT,
                "%s is damaged at %s (%s): copy it again".formatted(source, where, reason.getMessage()),
                reason);
    }

    private final class Content extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (remaining == 0) {
                return -1;
            }
            int read = in.read(buffer, offset, (int) Math.min(length, remaining));
            if (read < 0) {
                throw truncated();
            }
            remaining -= read;
            TarReader.this.offset += read;
            if (digests != null) {
                digests.content(buffer, offset, read);
            }
            return read;
        }
    }
}

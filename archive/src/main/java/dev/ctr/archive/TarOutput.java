package dev.ctr.archive;

import dev.ctr.archive.TarEntry.Kind;
import java.io.Closeable;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** Writes a tar entry by entry, and hashes it on the way. Not for concurrent use; does not own its stream. */
final class TarOutput implements Closeable {
    private final OutputStream out;
    private final TarDigests digests = new TarDigests();
    private final List<TarEntry> entries = new ArrayList<>();
    private long size;

    TarOutput(OutputStream out) {
        this.out = out;
    }

    /** Writes the content of one file. */
    @FunctionalInterface
    interface Content {
        /** Writes as many bytes as the entry's header says. */
        void writeTo(OutputStream out) throws IOException;
    }

    /** Adds an entry without content. */
    void add(TarEntry entry) throws IOException {
        add(entry, none -> {});
    }

    /** Adds an entry. */
    void add(TarEntry entry, Content content) throws IOException {
        layout(TarHeaders.encode(entry));
        entries.add(entry);
        if (entry.kind() == Kind.FILE) {
            Hashed hashed = new Hashed(out);
            content.writeTo(hashed);
            if (hashed.written != entry.size()) {
                throw new IllegalStateException("entry \"%s\" has %d bytes and was to have %d"
                        .formatted(entry.name(), hashed.written, entry.size()));
            }
            digests.endContent();
            size += entry.size();
            layout(new byte[(int) (TarHeaders.padded(entry.size()) - entry.size())]);
        }
    }

    /** What is listed of all entries so far, after which there is no hashing any more. */
    Listing list() throws IOException {
        digests.mark();
        TarDigests.Result result = digests.finish();
        List<ArchiveManifest.Entry> listed = new ArrayList<>();
        int file = 0;
        for (TarEntry entry : entries) {
            listed.add(ManifestJson.entry(
                    entry, entry.kind() == Kind.FILE ? result.contents().get(file++) : ""));
        }
        return new Listing(listed, size, result.layout());
    }

    /**
     * What a manifest says of a tar.
     *
     * @param size in bytes
     * @param layout the digest of what is not content
     */
    record Listing(List<ArchiveManifest.Entry> entries, long size, String layout) {}

    @Override
    public void close() {
        digests.close();
    }

    private void layout(byte[] bytes) throws IOException {
        out.write(bytes);
        digests.layout(bytes, 0, bytes.length);
        size += bytes.length;
    }

    private final class Hashed extends FilterOutputStream {
        private long written;

        Hashed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            digests.content(bytes, offset, length);
            written += length;
        }
    }
}

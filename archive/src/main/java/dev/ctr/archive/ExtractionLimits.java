package dev.ctr.archive;

import dev.ctr.archive.ArchiveException.Code;

/**
 * How much an archive may unpack to, so that a small hostile file cannot fill a disk.
 *
 * @param maxBytes content of all files together
 * @param maxEntries files, directories and links together
 */
public record ExtractionLimits(long maxBytes, long maxEntries) {
    /** 16 TiB in 20 million entries: more than any container, less than without end. */
    public static final ExtractionLimits GENEROUS = new ExtractionLimits(1L << 44, 20_000_000);

    /** Checks that both are positive. */
    public ExtractionLimits {
        if (maxBytes <= 0 || maxEntries <= 0) {
            throw new IllegalArgumentException("extraction limits must be positive");
        }
    }

    /** Counts one archive against the limits. */
    final class Meter {
        private final String source;
        private long bytes;
        private long entries;

        Meter(String source) {
            this.source = source;
        }

        /** Counts an entry before it is unpacked. */
        void count(TarEntry entry) throws ArchiveException {
            entries++;
            bytes += entry.size();
            if (entries > maxEntries) {
                throw new ArchiveException(
                        Code.LIMIT,
                        "%s has more than %d entries: raise the limit if you trust it".formatted(source, maxEntries));
            }
            if (bytes < 0 || bytes > maxBytes) {
                throw new ArchiveException(
                        Code.LIMIT,
                        "%s unpacks to more than %d bytes, at entry \"%s\": raise the limit if you trust it"
                                .formatted(source, maxBytes, entry.name()));
            }
        }

        long bytes() {
            return bytes;
        }

        long entries() {
            return entries;
        }
    }
}

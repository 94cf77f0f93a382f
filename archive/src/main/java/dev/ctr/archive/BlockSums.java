package dev.ctr.archive;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * Check sums of blocks of files, by which it is found out later what of a file has changed: 8 bytes for each block of 4 KiB, in a file
 * that only grows. Not for concurrent use.
 *
 * <p>A sum is CRC-32 and CRC-32C together. Their polynomials have no factor in common, so the two are as good as one cyclic
 * redundancy check of 64 bits, and processors compute them faster than memory is read. They guard against nothing but chance: the
 * program that writes a file could contrive a block with the sum of the one before, to the harm of nobody but itself.
 */
final class BlockSums implements Closeable {
    /** A page: what programs and the kernel write in. */
    static final int BLOCK = 4096;

    private static final int BUFFERED = 1 << 13;

    private final FileChannel file;
    private long end;

    private BlockSums(FileChannel file) {
        this.file = file;
    }

    /** Sums in a new file. */
    static BlockSums create(Path path) throws IOException {
        return new BlockSums(FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    static long blocks(long size) {
        return (size + BLOCK - 1) / BLOCK;
    }

    /** How long a block of a file of this size is; 0 behind its end. */
    static int length(long block, long size) {
        return (int) Math.max(0, Math.min(BLOCK, size - block * BLOCK));
    }

    /** One sum after the other. */
    static final class Sum {
        private final CRC32 crc = new CRC32();
        private final CRC32C castagnoli = new CRC32C();

        void update(byte[] bytes, int offset, int length) {
            crc.update(bytes, offset, length);
            castagnoli.update(bytes, offset, length);
        }

        /** The sum of what was given since the last call. */
        long take() {
            long sum = castagnoli.getValue() << Integer.SIZE | crc.getValue();
            crc.reset();
            castagnoli.reset();
            return sum;
        }
    }

    /** Adds the sums of one file. */
    final class Writer {
        private final long begin = end;
        private final LongBuffer sums;
        private final ByteBuffer bytes = ByteBuffer.allocate(BUFFERED * Long.BYTES);

        private Writer() {
            this.sums = bytes.asLongBuffer();
        }

        void add(long sum) throws IOException {
            if (!sums.hasRemaining()) {
                flush();
            }
            sums.put(sum);
        }

        private void flush() throws IOException {
            bytes.position(0).limit(sums.position() * Long.BYTES);
            while (bytes.hasRemaining()) {
                end += file.write(bytes, end);
            }
            bytes.clear();
            sums.clear();
        }

        /** Where the file's sums are. */
        long finish() throws IOException {
            flush();
            return begin;
        }
    }

    /** Begins to add the sums of a file; the writer before must be finished. */
    Writer writer() {
        return new Writer();
    }

    /** Reads the sums of one file. */
    final class Reader {
        private final LongBuffer sums;
        private final ByteBuffer bytes = ByteBuffer.allocate(BUFFERED * Long.BYTES);
        private long position;
        private long left;

        private Reader(long begin, long size) {
            this.sums = bytes.asLongBuffer().limit(0);
            this.position = begin;
            this.left = blocks(size);
        }

        /** The next sum; to be called no more often than there are blocks. */
        long next() throws IOException {
            if (!sums.hasRemaining()) {
                fill();
            }
            left--;
            return sums.get();
        }

        private void fill() throws IOException {
            bytes.clear().limit((int) Math.min(BUFFERED, left) * Long.BYTES);
            while (bytes.hasRemaining()) {
                int read = file.read(bytes, position);
                if (read < 0) {
                    throw new IOException("the check sums of files that were sent end early");
                }
                position += read;
            }
            sums.clear().limit(bytes.limit() / Long.BYTES);
        }
    }

    /**
     * Reads the sums of a file.
     *
     * @param begin as {@link Writer#finish} said
     * @param size the file's size then
     */
    Reader reader(long begin, long size) {
        return new Reader(begin, size);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

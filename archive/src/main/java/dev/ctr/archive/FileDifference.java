package dev.ctr.archive;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Finds the blocks of a file that are not what they were, and writes them out in runs. For one file, by one thread. */
final class FileDifference {
    /** The longest run of blocks, in bytes. */
    static final int LONGEST_RUN = 1 << 20;

    /** In place of a position: no run follows. */
    static final long END = -1;

    private final DataOutputStream out;
    private final BeforeFirstRun before;
    private final BlockSums.Sum sum = new BlockSums.Sum();
    private final byte[] buffer = new byte[LONGEST_RUN];
    private long written;
    private boolean begun;

    /** Writes what has to come before the first run. */
    @FunctionalInterface
    interface BeforeFirstRun {
        void write() throws IOException;
    }

    FileDifference(DataOutputStream out, BeforeFirstRun before) {
        this.out = out;
        this.before = before;
    }

    /**
     * Compares a file with what was written down of it. Where it has become shorter meanwhile, it is taken for zeros.
     *
     * @param file null if it is gone
     * @param size its size, as announced
     * @param old the sums it had
     * @param oldSize the size it had then
     * @param sums where the new ones go
     * @return how many bytes were written
     */
    long write(@Nullable FileChannel file, long size, BlockSums.Reader old, long oldSize, BlockSums.Writer sums)
            throws IOException {
        for (long position = 0; position < size; position += buffer.length) {
            int filled = (int) Math.min(buffer.length, size - position);
            read(file, filled);
            int run = -1;
            for (int at = 0; at < filled; at += BlockSums.BLOCK) {
                boolean same = isSame((position + at) / BlockSums.BLOCK, at, size, old, oldSize, sums);
                if (same && run >= 0) {
                    writeRun(position, run, at);
                    run = -1;
                } else if (!same && run < 0) {
                    run = at;
                }
            }
            if (run >= 0) {
                writeRun(position, run, filled);
            }
        }
        return written;
    }

    private void read(@Nullable FileChannel file, int wanted) throws IOException {
        ByteBuffer target = ByteBuffer.wrap(buffer, 0, wanted);
        int read = file == null ? -1 : 0;
        while (read >= 0 && file != null && target.hasRemaining()) {
            read = file.read(target);
        }
        Arrays.fill(buffer, target.position(), wanted, (byte) 0);
    }

    private boolean isSame(long block, int at, long size, BlockSums.Reader old, long oldSize, BlockSums.Writer sums)
            throws IOException {
        int length = BlockSums.length(block, size);
        int oldLength = BlockSums.length(block, oldSize);
        sum.update(buffer, at, length);
        long now = sum.take();
        sums.add(now);
        return oldLength > 0 && old.next() == now && oldLength == length;
    }

    private void writeRun(long position, int from, int to) throws IOException {
        begin();
        out.writeLong(position + from);
        out.writeInt(to - from);
        out.write(buffer, from, to - from);
        written += to - from;
    }

    /** Writes what comes before the first run, if that was not done yet. */
    void begin() throws IOException {
        if (!begun) {
            begun = true;
            before.write();
        }
    }

    /** Ends the runs, if any were begun. */
    void finish() throws IOException {
        if (begun) {
            out.writeLong(END);
        }
    }
}

package dev.ctr.archive;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Passes the content of one file on, and writes down the sums of its blocks. Closing is left to the owner of the stream below. */
final class SummedOutputStream extends FilterOutputStream {
    private final BlockSums.Writer sums;
    private final BlockSums.Sum sum = new BlockSums.Sum();
    private int filled;

    SummedOutputStream(OutputStream out, BlockSums.Writer sums) {
        super(out);
        this.sums = sums;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        for (int at = 0; at < length; ) {
            int step = Math.min(length - at, BlockSums.BLOCK - filled);
            sum.update(bytes, offset + at, step);
            filled += step;
            at += step;
            if (filled == BlockSums.BLOCK) {
                sums.add(sum.take());
                filled = 0;
            }
        }
    }

    /** Where the sums are, now that all was written. */
    long finish() throws IOException {
        if (filled > 0) {
            sums.add(sum.take());
        }
        return sums.finish();
    }
}
